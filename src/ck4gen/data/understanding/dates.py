"""Dates: how they are written, and the days since an origin."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.understanding.raw_column import RawColumn

FORMATS = (  # day-first before month-first: where both fit, the day comes first
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d%b%Y",
    "%d %B %Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
)
COMPACT = "%Y%m%d"  # a number of eight digits
EIGHT_DIGITS = 10_000_000  # the smallest number of so many
YEARS = (1900, 2100)  # of a number that may be a date
AMBIGUOUS = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y"}
DATETIME = "datetime"


def date_format(raw: RawColumn) -> str | None:
    """How the dates of a column are written; None where it holds none.

    Every cell that is no blank must be a date. Numbers are dates only where all have eight digits
    and are days of the calendar from 1900 to 2100.
    """
    if raw.values.dtype.kind == "M":
        return DATETIME
    if raw.is_number and not (raw.numbers[~raw.blank] >= EIGHT_DIGITS).all():
        return None
    texts = pd.Series(raw.observed.unique(), dtype=object)
    if texts.empty or not texts.str.contains(r"\d", regex=True).all():
        return None
    if texts.str.fullmatch(r"\d{8}").all():
        return COMPACT if _all_within(texts, COMPACT) and len(texts) > 1 else None
    if raw.is_number or not texts.str.fullmatch(r"[\w.:/\- ]{6,20}").all():
        return None
    if not texts.str.contains(r"[^\d.]|\..*\.", regex=True).all():
        return None  # plain numbers
    return next((written for written in FORMATS if _all_within(texts, written)), None)


def ambiguous(raw: RawColumn, written: str) -> bool:
    """Whether day and month could be told the other way round."""
    other = AMBIGUOUS.get(written)
    return other is not None and _all_within(raw.observed, other)


def parsed(raw: RawColumn, written: str) -> pd.Series:
    """(n,) timestamps, NaT where a cell is no date."""
    if written == DATETIME and raw.values.dtype.kind == "M":
        return raw.values
    if written == DATETIME:
        return pd.to_datetime(raw.texts, errors="coerce", format="ISO8601")
    return pd.to_datetime(raw.texts, format=written, errors="coerce")


def days_since(raw: RawColumn, written: str, origin: str) -> pd.Series:
    """(n,) whole days since ``origin``, an ISO date; NaN where a cell is no date."""
    days = (parsed(raw, written).dt.normalize() - pd.Timestamp(origin)).dt.days
    return days.astype(float)


def origin_of(dates: pd.Series) -> str:
    """The first of January before the earliest date, which belongs to no patient."""
    return f"{dates.min().year}-01-01"


def _all_within(texts: pd.Series, written: str) -> bool:
    first = pd.to_datetime(texts.head(20), format=written, errors="coerce")
    if first.isna().any():
        return False
    dates = pd.to_datetime(texts, format=written, errors="coerce")
    return bool(dates.notna().all() and dates.dt.year.between(*YEARS).all())
