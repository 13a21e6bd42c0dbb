"""Texts that may say who a patient is: dropped by rule, never copied as levels."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ck4gen.data.understanding.rare_levels import plain
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary, words

NAMES_OF_PEOPLE = "names of people"
EMAIL = r"[^@\s]+@[^@\s]+\.[a-z]{2,}"
PHONE = r"(\+|00|0)[\d\s()/.-]{6,18}\d"
POSTCODE = r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d|\d{5}-\d{4}"
IP = r"\d{1,3}(\.\d{1,3}){3}"
TITLED = r"(dr|prof)\. ?\S.*|(mr|mrs|herr|frau|mme)\.? \S.*"
FORMS = {
    "e-mail addresses": EMAIL,
    "phone numbers": PHONE,
    "postcodes": POSTCODE,
    "IP addresses": IP,
    NAMES_OF_PEOPLE: TITLED,
}
NAMES = {
    NAMES_OF_PEOPLE: vocabulary(
        """
        surname firstname lastname forename fullname familyname givenname maidenname patientname
        patname subjectname nachname vorname nom prenom apellido cognome
        physician surgeon doctor practitioner clinician arzt hausarzt chirurg operateur medecin
        chirurgien medico cirujano chirurgo
        """
    ),
    "e-mail addresses": {"email", "mail"},
    "phone numbers": {"phone", "telephone", "mobile", "tel", "fax", "telefon"},
    "postcodes": {"postcode", "zip", "zipcode", "postalcode", "plz", "postleitzahl"},
    "addresses": vocabulary("address street city town adresse strasse wohnort"),
    "coordinates": {"latitude", "longitude", "xcoord", "ycoord", "easting", "northing"},
}
# may hold names of people, or other things: what stands there decides
UNSURE = vocabulary("contact gp kin relative referrer consultant nurse therapist investigator")
TWO_NAMES = r"[^\W\d_a-z][\w.'-]*,? [^\W\d_a-z][\w.'-]*"  # Anna Abel; Abel, Otto
NUMBERED = ("phone numbers", "postcodes", "coordinates")  # these are private as numbers, too
MOST = 0.8  # share of texts of a form
WORDS_OF_PROSE = 3  # mean number of words


def named_private(name: str) -> str:
    """What a name says the column holds; empty where it is nothing private."""
    parts = words(name)
    spoken = {*parts, "".join(parts)}
    if parts == ["name"]:
        return NAMES_OF_PEOPLE
    return next((what for what, names in NAMES.items() if names & spoken), "")


def private_number(raw: RawColumn, settings: Understanding) -> str:
    """Why the numbers of a column are not released: its name says that they find people.

    Args:
        raw: A column of numbers or texts.
        settings: Whole numbers up to ``max_levels`` may stand for regions, or for yes and no.
    """
    private = named_private(raw.name)
    numbers = raw.numbers[~np.isnan(raw.numbers)]
    if private not in NUMBERED or not len(numbers):
        return ""
    codes = np.isin(numbers, np.arange(settings.max_levels + 1)).all()
    return "" if codes else f"{private} identify people"


def private_text(raw: RawColumn, settings: Understanding) -> str:
    """Why the texts of a column are not released; empty where they may be levels.

    Args:
        raw: A column of texts.
        settings: ``distinct_share`` of different texts is too many for levels; ``min_cell``
            patients share a level.
    """
    counts = raw.observed.value_counts()
    texts = pd.Series(counts.index, dtype=object)
    lowered = texts.str.casefold()
    for what, form in FORMS.items():
        if lowered.str.fullmatch(form, flags=re.ASCII).mean() >= MOST:
            return f"{what} identify people"
    if UNSURE & set(words(raw.name)) and texts.str.fullmatch(TWO_NAMES).mean() >= MOST:
        return f"{NAMES_OF_PEOPLE} identify people"
    if (private := named_private(raw.name)) and not all(map(plain, texts)):
        return f"{private} identify people"
    few_share_one = (counts >= settings.min_cell).sum() < 2
    if few_share_one and _prose(texts[(counts == 1).to_numpy()]):
        return f"free text, {raw.distinct} different ones"
    many = raw.distinct > settings.max_levels
    if not many or raw.distinct <= settings.distinct_share * len(raw.observed):
        return ""
    if _prose(texts):
        return f"free text, {raw.distinct} different ones"
    return f"{raw.distinct} different texts in {len(raw.observed)} rows: an identifier or free text"


def _prose(texts: pd.Series) -> bool:
    """Whether texts are sentences rather than words."""
    return bool(len(texts) and texts.str.split().str.len().mean() >= WORDS_OF_PROSE)
