"""One column: the questions in their order; the first that has an answer decides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.dates import (
    ambiguous,
    date_format,
    origin_of,
    parsed,
)
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.grid import is_code, own_values, step_of
from ck4gen.data.understanding.identifiers import identifier
from ck4gen.data.understanding.levels import (
    OTHER,
    merged_spellings,
    near_duplicates,
    order_of,
    pooled_rare,
)
from ck4gen.data.understanding.missing_codes import as_texts, missing_numbers, missing_words
from ck4gen.data.understanding.private_text import private_text
from ck4gen.data.understanding.raw_column import RawColumn, written
from ck4gen.data.understanding.settings import Understanding

Answer = ColumnPlan | Fault | None
MERGES_SHOWN = 4
LARGEST_DIGIT = 9


def understood(raw: RawColumn, settings: Understanding) -> ColumnPlan | Fault:
    """What is done with a column, or why it cannot be used."""
    return (
        _unusable(raw)
        or _empty(raw)
        or _truth(raw)
        or _identifier(raw, settings)
        or _date(raw)
        or _number(raw, settings)
        or _private(raw, settings)
        or _levels(raw, settings)
    )


def _unusable(raw: RawColumn) -> Answer:
    if raw.values.dtype != object:
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
            return ColumnPlan(raw.name, drop=f"only '{value[:40]}' or blank")
        return ColumnPlan(raw.name, drop=f"constant, {value[:40]} in every row")
    return None


def _identifier(raw: RawColumn, settings: Understanding) -> Answer:
    reason = identifier(raw, settings)
    return ColumnPlan(raw.name, drop=reason) if reason else None


def _truth(raw: RawColumn) -> Answer:
    kinds = {type(value) for value in raw.values[~raw.blank].unique()} - {np.bool_, bool}
    if raw.values.dtype == bool or (raw.values.dtype == object and not kinds):
        return ColumnPlan(
            raw.name,
            "binary",
            levels=("False", "True"),
            meaning=raw.meaning,
            facts=f"True in {(raw.observed == 'True').mean():.0%}",
        )
    return None


def _date(raw: RawColumn) -> Answer:
    form = date_format(raw)
    if form is None:
        return None
    dates = parsed(raw, form)
    doubt = ("day and month could be told the other way",) if ambiguous(raw, form) else ()
    origin = origin_of(dates)
    return ColumnPlan(
        raw.name,
        "date",
        date_format=form,
        origin=origin,
        step=1,
        meaning=raw.meaning,
        facts=f"days since {origin}, {dates.min():%Y} to {dates.max():%Y}",
        notes=doubt,
    )


def _number(raw: RawColumn, settings: Understanding) -> Answer:
    if isinstance(raw.values.dtype, pd.CategoricalDtype) and not raw.limits.any():
        return None
    words = () if raw.is_number else missing_words(raw, settings)
    if words is None:
        return None
    present = ~np.isnan(raw.numbers)
    infinite = np.isinf(raw.numbers)
    if infinite.any():
        return Fault.at(raw.name, infinite, "is infinite", "correct it, or leave it blank")
    codes = missing_numbers(raw.numbers[present])
    if is_code(raw.name, raw.numbers[present], settings):
        codes = tuple(code for code in codes if abs(code) > LARGEST_DIGIT)  # site 9 is a site
    values = raw.numbers[present & ~np.isin(raw.numbers, codes)]
    distinct = np.unique(values)
    missing = (*words, *as_texts(codes))
    if len(distinct) < 2:
        return ColumnPlan(raw.name, drop=f"only {written(float(distinct[0]))} or a blank")
    if set(distinct) == {0, 1}:
        facts = f"1 in {(values == 1).mean():.0%}"
        return ColumnPlan(raw.name, "binary", missing=missing, meaning=raw.meaning, facts=facts)
    if is_code(raw.name, values, settings):
        return _codes(raw, values, missing, settings)
    return _numeric(raw, values, missing, settings)


def _numeric(
    raw: RawColumn, values: np.ndarray, missing: tuple[str, ...], settings: Understanding
) -> ColumnPlan | Fault:
    usual = max(float(np.quantile(np.abs(values), 0.95)), 1.0)
    huge = np.abs(np.nan_to_num(raw.numbers)) > settings.extreme_ratio * usual
    if huge.any():
        value = raw.texts[huge].iloc[0]
        what = f"{value} is more than {settings.extreme_ratio:g} times the usual values"
        return Fault.at(raw.name, huge, what, "correct it, or leave it blank")
    step = step_of(values)
    few = own_values(values, step, settings)
    grid = "whole" if step == 1 else f"in steps of {step:g}" if step else "continuous"
    low, high = values.min(), values.max()
    facts = f"{grid}, {low:g} to {high:g}"
    if few:
        facts += f", only {len(few)} values"
    notes = []
    if raw.limits.any():
        notes.append(f"{raw.limits.sum()} detection limits (as {_limit(raw)}): half of it below")
    spike = (values == low).mean()
    if low == 0 and spike > 0.2 and len(np.unique(values)) > settings.max_values:
        notes.append(f"{spike:.0%} are 0")
    return ColumnPlan(
        raw.name,
        "numeric",
        missing=missing,
        integer=bool((values == np.round(values)).all()),
        step=step,
        values=few,
        meaning=raw.meaning,
        facts=facts,
        notes=tuple(notes),
    )


def _limit(raw: RawColumn) -> str:
    return raw.texts[raw.limits].iloc[0]


def _codes(
    raw: RawColumn, values: np.ndarray, missing: tuple[str, ...], settings: Understanding
) -> ColumnPlan:
    """Numbers that name categories, in the order of the numbers."""
    distinct, counts = np.unique(values, return_counts=True)
    levels = [written(float(value)) for value in distinct]
    count = Counter(dict(zip(levels, map(int, counts), strict=True)))
    return _categories(raw, levels, count, {}, missing, settings, "codes")


def _private(raw: RawColumn, settings: Understanding) -> Answer:
    reason = private_text(raw, settings)
    return ColumnPlan(raw.name, drop=reason) if reason else None


def _levels(raw: RawColumn, settings: Understanding) -> ColumnPlan:
    dtype = raw.values.dtype
    counts = Counter(raw.observed.tolist())
    spelling = merged_spellings(counts)
    totals: Counter[str] = Counter()
    for text, level in spelling.items():
        totals[level] += counts[text]
    levels = sorted(totals)
    if isinstance(dtype, pd.CategoricalDtype):  # its own order, as the user set it
        own = [spelling.get(written(level)) for level in dtype.categories]
        levels = list(dict.fromkeys(level for level in own if level is not None))
    if len(levels) == 1:
        return ColumnPlan(raw.name, drop=f"only '{levels[0][:40]}'")
    merge = {text: level for text, level in spelling.items() if text != level}
    return _categories(raw, levels, totals, merge, (), settings, "levels")


def _categories(
    raw: RawColumn,
    levels: list[str],
    counts: Counter[str],
    merge: dict[str, str],
    missing: tuple[str, ...],
    settings: Understanding,
    word: str,
) -> ColumnPlan:
    dtype = raw.values.dtype
    told = isinstance(dtype, pd.CategoricalDtype)
    in_order = None if told else order_of(levels)
    ordered = bool(told and dtype.ordered) or in_order is not None
    levels = list(in_order or levels)
    pooled = pooled_rare(levels, counts, settings.min_cell, settings.max_levels, ordered)
    final = tuple(dict.fromkeys(pooled[level] for level in levels))
    if OTHER in final:
        final = (*(level for level in final if level != OTHER), OTHER)
    merges = {text: pooled[level] for text, level in merge.items()}
    merges |= {level: name for level, name in pooled.items() if level != name}
    if len(final) < 2:
        return ColumnPlan(raw.name, drop="no two levels have enough patients")
    notes = []
    rare = [level for level, name in pooled.items() if level != name]
    if rare:
        into = sorted({pooled[level] for level in rare})
        notes.append(f"{len(rare)} rare {word} merged into {', '.join(into[:2])}")
    if merge:
        shown = ", ".join(f"'{a}' is {b}" for a, b in list(merge.items())[:MERGES_SHOWN])
        notes.append(f"spellings merged: {shown}" + ", ..." * (len(merge) > MERGES_SHOWN))
    notes += [f"'{a}' and '{b}' look alike" for a, b in near_duplicates(final)[:2]]
    return ColumnPlan(
        raw.name,
        "categorical",
        levels=final,
        merge=merges or None,
        ordered=ordered,
        missing=missing,
        meaning=raw.meaning,
        facts=f"{len(final)} {word}{' in order' * ordered}: {', '.join(final)}",
        notes=tuple(notes),
    )
