"""Columns that name a patient: they are never released."""

from __future__ import annotations

import re

import numpy as np

from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import NUMBERS, PLACES, vocabulary, words

INDEX = re.compile(r"unnamed: ?\d+(_level_\d+)?|index|rownames?|row\.names|level_0|\"\"|", re.I)
# a word of the name, or the whole name
WORDS = vocabulary(
    """
    id ids pid uid uuid guid mrn nhs ssn nric ur patid patientid subjid usubjid subjectid
    caseid studyid personid identifier barcode accession
    """
)
PEOPLE = vocabulary("patient subject person case participant record hospital study sample")
BIRTH = vocabulary(
    """
    dob birthdate birthday dateofbirth geburtsdatum geburtstag datedenaissance datenaissance ddn
    fechadenacimiento fechanacimiento datadinascita geboortedatum
    """
)
# of a column of dates, which a weight at birth is not
BIRTH_WORDS = vocabulary("dob ddn geb nac fnac fdn nasc nato nata")
BIRTH_STEMS = ("birth", "born", "gebdat", "geburt", "geboor", "naiss", "nacim", "fecnac", "nascit")
AGES = vocabulary("age alter edad eta idade leeftijd âge")
BORN = "a date of birth identifies; give the age instead"
YOUNGER = -0.95  # correlation of a date of birth with the age, whenever patients came
FEWEST = 20  # rows below which a run of numbers may be chance
DIGITS = 6  # of a number that is an identifier by its form alone
SEQUENCE = 0.95  # share of steps of one in a running number


def named_identifier(name: str) -> bool:
    """Whether a name says that the column numbers patients."""
    parts = words(name)
    whole = "".join(parts)
    if _of_a_place(parts):
        return False
    if WORDS & {*parts, whole} or whole in PEOPLE:
        return True
    return bool(PEOPLE & set(parts)) and bool(NUMBERS & set(parts))


def named_birth(name: str) -> bool:
    """Whether a name says of a column of dates that they are those of births."""
    parts = words(name)
    return bool(BIRTH_WORDS & {*parts}) or any(stem in "".join(parts) for stem in BIRTH_STEMS)


def _of_a_place(parts: list[str]) -> bool:
    """Whether the words of a name number places; a hospital number is that of a patient."""
    places = set(parts) - NUMBERS - {"id"}
    if "hospital" in places:
        return set(parts) <= {"hospital", "code"}
    return bool(places) and places <= PLACES


def born(dates: np.ndarray, ages: np.ndarray) -> bool:
    """Whether dates are those of births: the later, the younger.

    Args:
        dates: (n,) days, NaN for a blank.
        ages: (n,) numbers of a column that is called an age.
    """
    seen = ~(np.isnan(dates) | np.isnan(ages))
    if seen.sum() < FEWEST or not dates[seen].std() or not ages[seen].std():
        return False
    return float(np.corrcoef(dates[seen], ages[seen])[0, 1]) < YOUNGER


def identifier(raw: RawColumn, settings: Understanding) -> str:
    """Why a column is an identifier; empty where it is none.

    Args:
        raw: The column.
        settings: ``distinct_share`` of different values makes an identifier of a name that says so.
    """
    rows = len(raw.values)
    if INDEX.fullmatch(raw.name) and raw.distinct == rows:
        return "a row number"
    parts = words(raw.name)
    if BIRTH & {*parts, "".join(parts)} or {"date", "birth"} <= set(parts):
        return BORN
    if named_identifier(raw.name) and raw.distinct > settings.distinct_share * rows:
        return "an identifier by its name"
    if rows < FEWEST or raw.distinct < rows or raw.blank.any():
        return ""
    numbers = raw.numbers
    if np.isnan(numbers).any() or not (numbers == np.round(numbers)).all():
        return ""
    return _running(numbers)


def _running(numbers: np.ndarray) -> str:
    """Why whole numbers that are all different are an identifier."""
    if (np.diff(np.sort(numbers)) == 1).mean() >= SEQUENCE:
        return "a running number, different in every row"
    digits = {len(str(int(abs(value)))) for value in numbers}
    in_file_order = (np.diff(numbers) > 0).all() or (np.diff(numbers) < 0).all()
    if len(digits) == 1 and (min(digits) >= DIGITS or (in_file_order and min(digits) > 2)):
        return f"a number of {min(digits)} digits, different in every row"
    return ""
