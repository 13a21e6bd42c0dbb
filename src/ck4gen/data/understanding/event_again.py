"""Columns that are the event once more: its copy, its date, the cause of death."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ck4gen.data.understanding.levels import key_of
from ck4gen.data.understanding.raw_column import RawColumn, written

FEWEST = 5  # patients of either group: fewer share a value, or a blank, by chance
SLIP = 10  # of so many patients one may be a mistake
SHOWN = 40  # characters of a value


def event_again(raw: RawColumn, cause: np.ndarray, kind: str, share: float) -> str:
    """Why a column is a part of the outcome; empty where it is not.

    One of its values, or its blank, is that of the patients with an event and of no others, or of
    those without and of no others. That is asked of either group, as in a cohort of few events a
    value that nearly everybody has agrees with most patients.

    Args:
        raw: The column.
        cause: (n,) 0 where nothing happened, 1 for the event, 2 and so on for other causes.
        kind: Kind of the column.
        share: Of each group so many must agree, save one patient of ten or more.
    """
    codes, values = _cells(raw)
    for happened in (cause > 0, *(cause == one for one in range(1, cause.max() + 1))):
        few = min(happened.sum(), (~happened).sum()) < FEWEST
        for end in (happened, ~happened):
            code = _value_of(codes, len(values), end, share)
            if code is None:
                continue
            value = written(values[code])
            if few and (value or end.sum() < FEWEST):
                continue
            if value:
                return f"the event once more, told by '{value[:SHOWN]}'"
            if end is happened:
                return "known of censored rows only"
            return "the date of the event itself" if kind == "date" else "known of events only"
    return ""


def _cells(raw: RawColumn) -> tuple[np.ndarray, Sequence[object]]:
    """(n,) places of the cells among the values, and these, one spelling each; a blank is one."""
    if raw.is_number:
        return pd.factorize(raw.values.to_numpy(), use_na_sentinel=False)
    texts = raw.texts.mask(raw.blank, "")
    return pd.factorize(texts.map({text: key_of(text) for text in texts.unique()}).to_numpy())


def _value_of(codes: np.ndarray, count: int, end: np.ndarray, share: float) -> int | None:
    """The value that the patients of one end have, and no others, up to mistakes."""
    inside, outside = (np.bincount(codes[rows], minlength=count) for rows in (end, ~end))
    sizes = end.sum(), (~end).sum()
    if not min(sizes):
        return None
    missed, wrong = (max((1 - share) * size, float(size >= SLIP)) for size in sizes)
    matching = np.flatnonzero((sizes[0] - inside <= missed) & (outside <= wrong))
    return int(matching[0]) if len(matching) else None
