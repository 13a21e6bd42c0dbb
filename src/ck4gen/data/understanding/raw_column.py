"""A column as it was read: its texts, its numbers, its blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

from ck4gen.data.understanding.vocabulary import vocabulary

# a blank in any column; words such as "unknown" may be levels and are judged by their column
BLANKS = {""} | vocabulary(" . ? - na n/a #n/a nan null <na> nat missing n.a.")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
POINT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
POINT_ZERO = re.compile(r"[+-]?\d+\.0+")
UNIT = re.compile(r"([<>≤≥]?=?\s*[+-]?[\d.,]*\d)(\s*)(%|[a-zµ°]+(?:/[a-zµ]+)?)", re.IGNORECASE)
UNITS = vocabulary(  # what may follow a digit without a space: 1a and 2b are codes
    """
    % ° °c °f kg g mg µg ug mcg ng pg l dl cl ml µl ul fl m dm cm mm µm um nm km mol mmol µmol umol
    nmol pmol iu ie u mu miu meq kcal kj cal bpm mmhg kpa hz gy mgy kgy mci mbq ms s sec min h hr
    hrs d day days w wk wks week weeks mo mos month months y yr yrs year years
    """
)
FIRST_CELLS = 3  # one of them has the unit, if the column has one
BARE_SHARE = 0.05  # of cells that may lack it
LIMIT = re.compile(r"([<>≤≥]=?)\s*(.+)")
AND_ABOVE = re.compile(r"(.+\d)\s*\+")
FEWEST_BELOW = 10  # different numbers below 90+; beside fewer, as 0, 1+, 2+, 3+, it is a level
PADDED = re.compile(r"0\d+")
WELL = re.compile(r"\d+E\d+")  # 1E2 as a place on a plate
SLIPS = 2  # cells with leading zeros that may be slips of the pen
PADDED_SHARE = 0.1  # of cells of different lengths, from which on leading zeros are no slip


@dataclass(frozen=True)
class RawColumn:
    """One column of a user's table.

    Attributes:
        name: Its name.
        values: The cells, with a running index.
        decimal: Decimal mark of numbers written as texts, ``.`` or ``,``.
        meaning: What it measures, where the file says so.
        doubt: What to say where the decimal mark is a guess; empty otherwise.
    """

    name: str
    values: pd.Series
    decimal: str = "."
    meaning: str = ""
    doubt: str = ""

    @cached_property
    def is_number(self) -> bool:
        """Whether the cells are numbers already."""
        return self.values.dtype.kind in "iuf" if isinstance(self.values.dtype, np.dtype) else False

    @cached_property
    def unit(self) -> str:
        """What stands after the number in the cells, as % or mg; else empty.

        Plain numbers among them that are few have the same unit.
        """
        if self.is_number or not any(map(UNIT.fullmatch, self.observed.iloc[:FIRST_CELLS])):
            return ""
        matches = [UNIT.fullmatch(text) for text in set(self.observed) - self._without_unit]
        units = {match[3].casefold() for match in matches if match}
        if None in matches or len(units) != 1:  # 5 mg and 5 ml
            return ""
        unit = next(iter(units))
        if not set(unit.split("/")) <= UNITS and not all(match[2] for match in matches if match):
            return ""
        plain = [number(match[1].strip(), self.decimal) for match in matches if match]
        return "" if np.isnan(plain).any() else unit

    @cached_property
    def _without_unit(self) -> set[str]:
        """Plain numbers among others with a unit, where they are few."""
        bare = self.observed[~self.observed.str.fullmatch(UNIT)]
        few = len(bare) <= BARE_SHARE * len(self.observed)
        return {text for text in bare if few and not np.isnan(number(text, self.decimal))}

    @cached_property
    def codes(self) -> bool:
        """Whether numbers are codes by their form: with leading zeros, as 007, or all as 1E2."""
        if self.is_number or self.observed.empty:
            return False
        if all(map(WELL.fullmatch, self.observed.unique())):
            return True
        padded = self.observed.str.fullmatch(PADDED)
        widths = self.observed.str.len()
        if widths.nunique() == 1 and widths.iloc[0] > 2:  # 01067 among others of five digits
            return bool(padded.sum() > SLIPS)
        return bool(padded.any() and padded.mean() >= PADDED_SHARE)

    @cached_property
    def and_above(self) -> str:
        """The text that stands for the highest values, as 90+ among ages; empty without one."""
        texts = [] if self.is_number else list(self.observed.unique())
        open_ended = [text for text in texts if AND_ABOVE.fullmatch(text)]
        if len(open_ended) != 1:
            return ""
        below = np.array([number(text, self.decimal) for text in texts if text != open_ended[0]])
        distinct = np.unique(below[~np.isnan(below)])
        highest = number(open_ended[0].rstrip("+ "), self.decimal)
        return open_ended[0] if len(distinct) >= FEWEST_BELOW and distinct[-1] <= highest else ""

    @property
    def remarks(self) -> list[str]:
        """What the user should know of how texts were read as numbers."""
        above = self.and_above
        bare = int(self.observed.isin(self._without_unit).sum()) if self.unit else 0
        remarks = (
            self.doubt,
            above and f"{above} is read as {above.rstrip('+ ')}",
            f"{bare} numbers without a unit count as {self.unit}" * bool(bare),
        )
        return [remark for remark in remarks if remark]

    @cached_property
    def texts(self) -> pd.Series:
        """The cells as stripped texts, whole numbers without a point; "" for a blank."""
        if self.is_number:
            codes, distinct = pd.factorize(self.values, use_na_sentinel=False)
            texts = np.array([written(value) for value in distinct] or [""], object)
            return pd.Series(texts[codes], self.values.index, object, self.values.name)
        plain = written if self.decimal == "." else _as_it_stands  # 2.000 may be 2000
        return self.values.astype(object).map(plain).astype(object)

    @cached_property
    def blank(self) -> np.ndarray:
        """(n,) whether a cell is empty or holds a word that always means a blank."""
        if self.is_number:
            return self.values.isna().to_numpy()
        words = {text for text in self.texts.unique() if text.casefold() in BLANKS}
        if "-" in words and (self.texts == "+").any():
            words.remove("-")
        return self.texts.isin(words).to_numpy(bool)

    @cached_property
    def observed(self) -> pd.Series:
        """The texts that are no blank."""
        return self.texts[~self.blank]

    @cached_property
    def distinct(self) -> int:
        """Different cells, blanks left aside."""
        if self.is_number:
            return int(self.values.nunique())
        return int(self.observed.nunique())

    @cached_property
    def numbers(self) -> np.ndarray:
        """(n,) the cells as numbers; NaN for a blank and for what is no number."""
        if self.is_number:
            return self.values.to_numpy(float)
        codes, texts = pd.factorize(self.texts)
        if self.unit:
            texts = [match[1] if (match := UNIT.fullmatch(text)) else text for text in texts]
        if self.and_above:
            texts = [text.rstrip("+ ") if text == self.and_above else text for text in texts]
        parsed = np.array([number(text.strip(), self.decimal) for text in texts] or [np.nan])[codes]
        if all_texts(self.values):
            return parsed
        cells = self.values.astype(object)
        numeric = np.array([_is_number(cell) for cell in cells], bool)
        parsed[numeric] = cells[numeric].astype(float)  # their text may have the other decimal mark
        return parsed

    @cached_property
    def limits(self) -> np.ndarray:
        """(n,) whether a cell is a detection limit, as ``<0.5``; its number is half of it."""
        if self.is_number:
            return np.zeros(len(self.values), bool)
        return self.texts.str.match(LIMIT).to_numpy(bool) & ~np.isnan(self.numbers)


def all_texts(values: pd.Series) -> bool:
    """Whether every cell is a text, as in a text file; none is missing."""
    return values.dtype == object and infer_dtype(values, skipna=False) == "string"


def as_numbers(values: pd.Series, decimal: str) -> pd.Series:
    """Texts that are all numbers or empty as numbers, which is fast; any other column as it is."""
    if decimal != "." or not all_texts(values):
        return values
    codes, texts = pd.factorize(values)
    if not all(map(_plain_text, texts)):
        return values
    try:
        return pd.Series(np.array([text or "nan" for text in texts], dtype=float)[codes])
    except ValueError:
        return values


def _is_number(cell: object) -> bool:
    return isinstance(cell, float | int | np.number) and not isinstance(cell, bool)


def _plain_text(text: str) -> bool:
    """Whether nothing but the number of a text counts: no 007 and no 1E2, which may be codes."""
    return not ("_" in text or "E" in text or (text[:1] == "0" and text[1:2].isdigit()))


def _as_it_stands(value: object) -> str:
    return value.strip() if isinstance(value, str) else written(value)


def written(value: object) -> str:
    """A cell as text: a whole number without a point, "" for a blank."""
    if isinstance(value, str):
        text = value.strip()
        return text.split(".")[0] if POINT_ZERO.fullmatch(text) else text
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        return str(int(value)) if np.isfinite(value) and value == int(value) else repr(float(value))
    return str(value).strip()


def number(text: str, decimal: str = ".") -> float:
    """The number that a text is, NaN where it is none.

    A detection limit is a number: half of it below (``<0.5`` is 0.25), itself above.

    Args:
        text: Stripped text.
        decimal: Decimal mark; the other mark may stand between thousands.
    """
    if limit := LIMIT.fullmatch(text):
        value = number(limit[2].strip(), decimal)
        return value / 2 if limit[1][0] in "<≤" else value
    plain = text.replace("\u2212", "-").replace("\u00a0", "")
    if decimal == ",":
        if POINT_THOUSANDS.fullmatch(plain):
            plain = plain.replace(".", "")
        plain = plain.replace(",", ".", 1)
    elif THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if NUMBER.fullmatch(plain) else np.nan


def whole_number(text: str) -> bool:
    """Whether a text is a whole number."""
    return text.lstrip("-").isdigit()
