"""One column: the questions in their order; the first that has an answer decides."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.dates import ORIGIN, ambiguous, date_format, missing_dates, parsed
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.identifiers import BORN, identifier, named_birth
from ck4gen.data.understanding.level_column import level_plan
from ck4gen.data.understanding.number_column import number_plan
from ck4gen.data.understanding.private_text import private_number, private_text
from ck4gen.data.understanding.rare_levels import with_two_sides
from ck4gen.data.understanding.raw_column import RawColumn, all_texts
from ck4gen.data.understanding.settings import Understanding

TOLD = {"missing"}  # a word for all blanks of a column that people use like a level
Answer = ColumnPlan | Fault | None


def understood(raw: RawColumn, settings: Understanding) -> ColumnPlan | Fault:
    """What is done with a column, or why it cannot be used."""
    answer = _answered(raw, settings)
    if isinstance(answer, Fault) or answer.drop:
        return answer
    answer = replace(answer, notes=(*answer.notes, *_reading(raw, answer.kind)))
    if raw.is_number:
        return answer
    words = set(raw.texts[raw.blank])
    says_missing = len(words) == 1 and {word.casefold() for word in words} <= TOLD
    return replace(answer, blank=words.pop()) if says_missing else answer


def _answered(raw: RawColumn, settings: Understanding) -> ColumnPlan | Fault:
    return (
        _unusable(raw)
        or _empty(raw)
        or _truth(raw, settings)
        or _identifier(raw, settings)
        or _date(raw)
        or (None if raw.codes else number_plan(raw, settings))
        or _private(raw, settings)
        or level_plan(raw, settings)
    )


def _reading(raw: RawColumn, kind: str) -> list[str]:
    """What to say of how texts were read as numbers, or numbers as codes."""
    if kind == "categorical":
        return ["numbers with leading zeros, or as 1E2, are codes"] * raw.codes
    return raw.remarks if kind == "numeric" else []


def _unusable(raw: RawColumn) -> Answer:
    if raw.values.dtype != object or all_texts(raw.values):
        return None
    odd = raw.values.map(lambda v: isinstance(v, list | tuple | dict | set | np.ndarray))
    if not odd.any():
        return None
    what = f"holds {type(raw.values[odd].iloc[0]).__name__}s instead of single values"
    return Fault.at(raw.name, odd.to_numpy(bool), what, "make it one column per value, or drop it")


def _empty(raw: RawColumn) -> Answer:
    if raw.blank.all():
        return ColumnPlan(raw.name, drop="every cell is blank")
    if raw.distinct == 1:
        value = raw.observed.iloc[0] if len(raw.observed) else ""
        if raw.blank.any():
            return ColumnPlan(raw.name, drop="one value or blank", facts=value[:40])
        return ColumnPlan(raw.name, drop="constant in every row", facts=value[:40])
    return None


def _identifier(raw: RawColumn, settings: Understanding) -> Answer:
    reason = identifier(raw, settings) or private_number(raw, settings)
    return ColumnPlan(raw.name, drop=reason) if reason else None


def _truth(raw: RawColumn, settings: Understanding) -> Answer:
    kinds = {type(value) for value in raw.values[~raw.blank].unique()} - {np.bool_, bool}
    if raw.values.dtype == bool or (raw.values.dtype == object and not kinds):
        plan = ColumnPlan(
            raw.name,
            "binary",
            levels=("False", "True"),
            meaning=raw.meaning,
            facts=f"True in {(raw.observed == 'True').mean():.0%}",
        )
        return with_two_sides(plan, Counter(raw.observed), settings)
    return None


def _date(raw: RawColumn) -> Answer:
    form = date_format(raw)
    if form is None:
        return None
    if named_birth(raw.name):
        return ColumnPlan(raw.name, drop=BORN)
    missing = missing_dates(raw, form)
    dates = parsed(raw, form)[~raw.texts.isin(missing)]
    doubt = ("day and month could be told the other way",) if ambiguous(raw, form) else ()
    return ColumnPlan(
        raw.name,
        "date",
        date_format=form,
        origin=ORIGIN,
        step=1,
        missing=missing,
        meaning=raw.meaning,
        facts=f"days since {ORIGIN}, {dates.min():%Y} to {dates.max():%Y}",
        notes=doubt,
    )


def _private(raw: RawColumn, settings: Understanding) -> Answer:
    reason = private_text(raw, settings)
    return ColumnPlan(raw.name, drop=reason) if reason else None
