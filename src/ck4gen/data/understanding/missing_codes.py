"""Numbers and words that stand for a blank."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.understanding.raw_column import RawColumn, written
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary

NEGATIVE = (-999.0, -99.0, -9.0, -8.0, -7.0, -1.0)
POSITIVE = (9.0, 99.0, 999.0, 9999.0, 99999.0, 888.0, 8888.0)
SMALL = 99  # up to here a number may be a value, so that one row is not enough
ROWS = 3  # rows that a small code needs
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

    A code is one of the usual ones that lies apart from all other values: a negative one where
    nothing else is negative, a positive one above all others by more than their range.

    Args:
        numbers: (n,) values without NaN.
    """
    codes = []
    rest = numbers
    for code in sorted(POSITIVE, reverse=True):
        others = rest[rest != code]
        count = len(rest) - len(others)
        if not count or len(np.unique(others)) < 2 or others.max() >= code:
            continue
        enough = count >= (ROWS if code <= SMALL else 1)
        if enough and code - others.max() > max(np.ptp(others), 1):
            codes.append(code)
            rest = others
    for code in NEGATIVE:
        others = rest[rest != code]
        count = len(rest) - len(others)
        others_negative = np.setdiff1d(others[others < 0], NEGATIVE)
        if count and len(others) and not len(others_negative) and _apart(code, others, count):
            codes.append(code)
            rest = others
    return tuple(codes)


def _apart(code: float, others: np.ndarray, count: int) -> bool:
    """Whether a negative code can be no value: -1 alone may be one beside 0 and 1."""
    if not (others >= 0).any():
        return False
    return code <= -7 or (count >= ROWS and len(np.unique(others[others >= 0])) > 2)


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
    known = strays.str.casefold().isin(WORDS)
    numbers = len(raw.observed) - len(strays)
    if not numbers or numbers < settings.number_share * (len(raw.observed) - known.sum()):
        return None
    if numbers < known.sum() or _levels(raw, strays[~known], settings):
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
