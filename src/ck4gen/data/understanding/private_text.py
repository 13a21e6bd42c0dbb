"""Texts that may say who a patient is: dropped by rule, never copied as levels."""

from __future__ import annotations

import re

import pandas as pd

from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import words

EMAIL = r"[^@\s]+@[^@\s]+\.[a-z]{2,}"
PHONE = r"(\+|00|0)[\d\s()/.-]{6,18}\d"
POSTCODE = r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d|\d{5}-\d{4}"
FORMS = {"e-mail addresses": EMAIL, "phone numbers": PHONE, "postcodes": POSTCODE}
NAMES = {
    "names of people": {"surname", "firstname", "lastname", "forename", "fullname", "patientname"},
    "e-mail addresses": {"email", "mail"},
    "phone numbers": {"phone", "telephone", "mobile", "tel", "fax"},
    "postcodes": {"postcode", "zip", "zipcode", "postalcode", "plz"},
    "addresses": {"address", "street", "city", "town"},
    "coordinates": {"latitude", "longitude", "xcoord", "ycoord", "easting", "northing"},
}
NUMBERED = ("phone numbers", "postcodes", "coordinates")  # these are private as numbers, too
MOST = 0.8  # share of texts of a form
WORDS_OF_PROSE = 3  # mean number of words


def named_private(name: str) -> str:
    """What a name says the column holds; empty where it is nothing private."""
    parts = words(name)
    spoken = {*parts, "".join(parts)}
    if parts == ["name"]:
        return "names of people"
    return next((what for what, names in NAMES.items() if names & spoken), "")


def private_number(raw: RawColumn, settings: Understanding) -> str:
    """Why the numbers of a column are not released: its name says that they find people.

    Args:
        raw: A column of numbers or texts.
        settings: ``max_levels`` different ones may stand for regions.
    """
    private = named_private(raw.name)
    found = private in NUMBERED and raw.distinct > settings.max_levels
    return f"{private} identify people" if found else ""


def private_text(raw: RawColumn, settings: Understanding) -> str:
    """Why the texts of a column are not released; empty where they may be levels.

    Args:
        raw: A column of texts.
        settings: ``distinct_share`` of different texts is too many for levels.
    """
    texts = pd.Series(raw.observed.unique(), dtype=object)
    lowered = texts.str.casefold()
    for what, form in FORMS.items():
        if lowered.str.fullmatch(form, flags=re.ASCII).mean() >= MOST:
            return f"{what} identify people"
    many = raw.distinct > settings.max_levels
    if many and (private := named_private(raw.name)):
        return f"{private} identify people"
    if raw.distinct <= settings.distinct_share * len(raw.observed) or not many:
        return ""
    if texts.str.split().str.len().mean() >= WORDS_OF_PROSE:
        return f"free text, {raw.distinct} different ones"
    return f"{raw.distinct} different texts in {len(raw.observed)} rows: an identifier or free text"
