"""Dates: how they are written, which stand for a blank, and the days since an origin."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.vocabulary import vocabulary

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
STAND_INS = vocabulary(  # dates that systems write where there is none
    """
    1111-11-11 1800-01-01 1899-12-30 1899-12-31 1900-01-01 1901-01-01 2099-12-31 2100-01-01
    2222-02-22 2999-12-31 3000-01-01 8888-08-08 9999-01-01 9999-09-09 9999-12-31
    """
)
WRITTEN = {  # format: text of each of them; years of two digits would mix them up with others
    written: {day.strftime(written): day for day in map(datetime.fromisoformat, sorted(STAND_INS))}
    for written in (*FORMATS, COMPACT)
    if "%y" not in written
}
WRITTEN[DATETIME] = WRITTEN["%Y-%m-%d %H:%M:%S"]
ANY_STAND_IN = frozenset(text for texts in WRITTEN.values() for text in texts)
ORIGIN = "1970-01-01"  # as in R and pandas: one that no patient decides, and all dates share
APART = 3650  # days to the nearest other date, from which on such a date is none


def date_format(raw: RawColumn) -> str | None:
    """How the dates of a column are written; None where it holds none.

    Every cell that is no blank must be a date, or stand for none as 9999-12-31. Numbers are dates
    only where all have eight digits and are days of the calendar from 1900 to 2100.
    """
    if raw.values.dtype.kind == "M":
        return DATETIME
    if raw.is_number and not (raw.numbers[~raw.blank] >= EIGHT_DIGITS).all():
        return None
    texts = pd.Series(raw.observed.unique(), dtype=object)
    texts = texts[~texts.isin(ANY_STAND_IN)]
    if texts.empty or not texts.str.contains(r"\d", regex=True).all():
        return None
    if texts.str.fullmatch(r"\d{8}").all():
        return COMPACT if _all_within(texts, COMPACT) and len(texts) > 1 else None
    if raw.is_number or not texts.str.fullmatch(r"[\w.:/\- ]{6,20}").all():
        return None
    if not texts.str.contains(r"[^\d.]|\..*\.", regex=True).all():
        return None  # plain numbers
    return next((written for written in FORMATS if _all_within(texts, written)), None)


def missing_dates(raw: RawColumn, written: str) -> tuple[str, ...]:
    """Texts that stand for a missing date: usual ones, far from all other dates."""
    days = {
        text: day for text, day in WRITTEN.get(written, {}).items() if (raw.texts == text).any()
    }
    if not days:
        return ()
    dates = parsed(raw, written)[~raw.texts.isin(list(days)) & ~raw.blank].dropna()
    if dates.empty:
        return ()
    first, last = dates.min().to_pydatetime(), dates.max().to_pydatetime()
    return tuple(
        text for text, day in days.items() if max((first - day).days, (day - last).days) > APART
    )


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


def _all_within(texts: pd.Series, written: str) -> bool:
    first = pd.to_datetime(texts.head(20), format=written, errors="coerce")
    if first.isna().any():
        return False
    dates = pd.to_datetime(texts, format=written, errors="coerce")
    return bool(dates.notna().all() and dates.dt.year.between(*YEARS).all())
