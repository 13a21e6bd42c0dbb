"""A column as it was read: its texts, its numbers, its blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.understanding.vocabulary import vocabulary

# a blank in any column; words such as "unknown" may be levels and are judged by their column
BLANKS = {""} | vocabulary(" . ? - na n/a #n/a nan null <na> nat missing n.a.")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
POINT_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
POINT_ZERO = re.compile(r"[+-]?\d+\.0+")
UNIT = re.compile(r"([<>≤≥]?=?\s*[+-]?[\d.,]*\d)\s*(%|[a-zµ°]+(?:/[a-zµ]+)?)", re.IGNORECASE)
LIMIT = re.compile(r"([<>≤≥]=?)\s*(.+)")


@dataclass(frozen=True)
class RawColumn:
    """One column of a user's table.

    Attributes:
        name: Its name.
        values: The cells, with a running index.
        decimal: Decimal mark of numbers written as texts, ``.`` or ``,``.
        meaning: What it measures, where the file says so.
    """

    name: str
    values: pd.Series
    decimal: str = "."
    meaning: str = ""

    @cached_property
    def is_number(self) -> bool:
        """Whether the cells are numbers already."""
        return self.values.dtype.kind in "iuf" if isinstance(self.values.dtype, np.dtype) else False

    @cached_property
    def unit(self) -> str:
        """What stands after the number in every cell that is no blank, as % or mg; else empty."""
        if self.is_number or self.observed.empty or not UNIT.fullmatch(self.observed.iloc[0]):
            return ""
        found = [UNIT.fullmatch(text) for text in set(self.observed)]
        units = {match[2].casefold() for match in found if match}
        if None in found or len(units) != 1:  # 5 mg and 5 ml
            return ""
        plain = [number(match[1].strip(), self.decimal) for match in found if match]
        return "" if np.isnan(plain).any() else next(iter(units))

    @cached_property
    def texts(self) -> pd.Series:
        """The cells as stripped texts, whole numbers without a point; "" for a blank."""
        if self.is_number:
            return self.values.map(written).astype(object)
        return self.values.astype(object).map(written).astype(object)

    @cached_property
    def blank(self) -> np.ndarray:
        """(n,) whether a cell is empty or holds a word that always means a blank."""
        if self.is_number:
            return self.values.isna().to_numpy()
        blank = self.texts.str.casefold().isin(BLANKS).to_numpy(bool)
        return blank & ~((self.texts == "-") & (self.texts == "+").any()).to_numpy(bool)

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
        parsed = np.array([number(text.strip(), self.decimal) for text in texts] or [np.nan])
        return parsed[codes]

    @cached_property
    def limits(self) -> np.ndarray:
        """(n,) whether a cell is a detection limit, as ``<0.5``; its number is half of it."""
        if self.is_number:
            return np.zeros(len(self.values), bool)
        return self.texts.str.match(LIMIT).to_numpy(bool) & ~np.isnan(self.numbers)


def as_numbers(values: pd.Series, decimal: str) -> pd.Series:
    """Texts that are all numbers or empty as numbers, which is fast; any other column as it is."""
    if values.dtype != object or decimal != "." or not all(map(_plain_text, values)):
        return values
    try:
        return pd.Series(np.array([value or "nan" for value in values], dtype=float))
    except ValueError:
        return values


def _plain_text(value: object) -> bool:
    return isinstance(value, str) and "_" not in value


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


def decimal_mark(texts: pd.Series) -> str:
    """Decimal mark of a table: a comma where more cells can only be read so than with a point.

    Args:
        texts: Cells of the table that hold a digit and a mark.
    """
    comma = texts.str.fullmatch(r"[+-]?\d+,(\d{1,2}|\d{4,})").sum()
    comma += texts.str.fullmatch(r"[+-]?0,\d+").sum()
    point = texts.str.fullmatch(r"[+-]?\d+\.(\d{1,2}|\d{4,})").sum()
    return "," if comma > point else "."


def whole_number(text: str) -> bool:
    """Whether a text is a whole number."""
    return text.lstrip("-").isdigit()
