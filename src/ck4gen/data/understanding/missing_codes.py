"""Numbers and words that stand for a blank."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ck4gen.data.understanding.raw_column import RawColumn, written
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary

# usual codes by their number of digits: they are judged together
FAMILIES = (
    (7.0, 8.0, 9.0),
    (66.0, 77.0, 88.0, 96.0, 97.0, 98.0, 99.0),
    (666.0, 777.0, 888.0, 996.0, 997.0, 998.0, 999.0),
    (7777.0, 8888.0, 9997.0, 9998.0, 9999.0),
    (77777.0, 88888.0, 99998.0, 99999.0),
)
NEGATIVE = (-1.0, *(-code for family in FAMILIES for code in family))
USUAL = frozenset({*NEGATIVE, *(code for family in FAMILIES for code in family)})
PLAIN = {888.0, 999.0, 8888.0, 9999.0, 88888.0, 99999.0}  # of these one row is enough
NINE = 9.0  # 7 and 8 are codes only beside it, as refused and not asked beside unknown
SMALL = (
    99  # up to here a negative number may be a value beside others, so that one row is not enough
)
LEAST = -7.0  # from here down nothing negative needs to stand beside
ROWS = 3  # rows that another code needs
FEW_CODES = 10  # different whole numbers that may be codes, as 0 to 9
# in a column of numbers these are blanks; in one of texts they are levels
WORDS = vocabulary(
    """
    unknown | unk | none | n/d | nd | not done | not known | not available | not recorded |
    refused | no data
    """
)


def missing_numbers(numbers: np.ndarray) -> tuple[float, ...]:
    """Codes for a blank among the numbers of a column.

    All usual codes are taken out first. One is a code where it lies apart from the values that are
    left: above them by more than their range, or below them by as much, or negative where nothing
    else is. Those of as many digits are judged together, the shortest first: 98 and 99 beside
    0 to 5 are codes in any case, and 88 among ages is one more age.

    Args:
        numbers: (n,) values without NaN.
    """
    distinct, counts = np.unique(numbers, return_counts=True)
    rows = dict(zip(distinct.tolist(), counts.tolist(), strict=True))
    values = [value for value in rows if value not in USUAL]
    codes: list[float] = []
    for family in FAMILIES:
        candidates = [code for code in family if code in rows]
        if NINE in family and NINE not in candidates:
            values += candidates
            continue
        while candidates and not _far(candidates[0], values):
            values.append(candidates.pop(0))
        enough = PLAIN & {*candidates} or any(rows[code] >= ROWS for code in candidates)
        (codes if enough else values).extend(candidates)
    return (*sorted(codes, reverse=True), *_negative(values, rows))


def _far(code: float, values: list[float]) -> bool:
    """Whether a code lies beyond all values by more than their range."""
    if len(values) < 2:
        return False
    low, high = min(values), max(values)
    return max(code - high, low - code) > max(high - low, 1)


def _negative(values: list[float], rows: Mapping[float, int]) -> list[float]:
    """Codes among the usual negative ones, the lowest first: -1 may be a value beside 0 and 1."""
    below = sorted(code for code in NEGATIVE if code in rows)
    if values and min(values) >= 0:
        return [c for c in below if c <= LEAST or (rows[c] >= ROWS and len(values) > 2)]
    while below and not _far(below[-1], values):
        values.append(below.pop())
    return [code for code in below if code < -SMALL or rows[code] >= ROWS]


def missing_words(raw: RawColumn, settings: Understanding) -> tuple[str, ...] | None:
    """Texts to read as blanks so that the column is one of numbers; None where it is none.

    A word beside few whole numbers, as grades 1, 2, 3 and "anaplastic", is a level where it has
    enough patients, and then so are the numbers.

    Args:
        raw: A column of texts.
        settings: ``number_share`` of the cells that are no blank must be numbers; ``min_cell``
            patients of a word make a level.
    """
    strays = raw.observed[np.isnan(raw.numbers[~raw.blank])]
    is_blank_word = strays.str.casefold().isin(WORDS)
    numbers = len(raw.observed) - len(strays)
    if not numbers or numbers < settings.number_share * (len(raw.observed) - is_blank_word.sum()):
        return None
    if numbers < is_blank_word.sum() or _levels(raw, strays[~is_blank_word], settings):
        return None
    return tuple(sorted(strays.unique()))


def _levels(raw: RawColumn, unknown: pd.Series, settings: Understanding) -> bool:
    """Whether words in a column of few whole numbers are levels."""
    counts = unknown.value_counts()
    if counts.empty or counts.iloc[0] < settings.min_cell:
        return False
    distinct = np.unique(raw.numbers[~np.isnan(raw.numbers)])
    return len(distinct) <= FEW_CODES and bool((distinct == np.round(distinct)).all())


def as_texts(codes: tuple[float, ...]) -> tuple[str, ...]:
    """Codes as they are written in the file."""
    return tuple(written(code) for code in codes)
