"""A column of categories: spellings merged, levels in order, rare ones pooled."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.levels import (
    OTHER,
    merged_spellings,
    near_duplicates,
    order_of,
    other_of,
    pooled_rare,
)
from ck4gen.data.understanding.raw_column import RawColumn, written
from ck4gen.data.understanding.settings import Understanding

MERGES_SHOWN = 4


def level_plan(raw: RawColumn, settings: Understanding) -> ColumnPlan:
    """How a column of texts is read."""
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
    return categories(raw, levels, totals, merge, (), settings, "levels")


def categories(
    raw: RawColumn,
    levels: list[str],
    counts: Counter[str],
    merge: dict[str, str],
    missing: tuple[str, ...],
    settings: Understanding,
    word: str,
) -> ColumnPlan:
    """The plan of a column whose levels are known: put in order, rare ones pooled.

    Args:
        raw: The column.
        levels: Levels, spellings merged.
        counts: Patients of each.
        merge: Other spelling -> level.
        missing: Texts that mean a blank.
        settings: ``min_cell`` and ``max_levels``.
        word: What the levels are called, ``levels`` or ``codes``.
    """
    dtype = raw.values.dtype
    told = isinstance(dtype, pd.CategoricalDtype)
    in_order = None if told else order_of(levels)
    ordered = bool(told and dtype.ordered) or in_order is not None
    levels = list(in_order or levels)
    pooled = pooled_rare(levels, counts, settings.min_cell, settings.max_levels, ordered)
    final = tuple(dict.fromkeys(pooled[level] for level in levels))
    rest = other_of(levels)
    if OTHER in final or any(level != name == rest for level, name in pooled.items()):
        final = (*(level for level in final if level != rest), rest)
    merges = {text: pooled[level] for text, level in merge.items()}
    merges |= {level: name for level, name in pooled.items() if level != name}
    if len(final) < 2:
        return ColumnPlan(raw.name, drop="no two levels have enough patients")
    notes = []
    rare = [level for level, name in pooled.items() if level != name]
    if rare:
        into = sorted({pooled[level] for level in rare})
        notes.append(f"{len(rare)} rare {word} merged into {', '.join(into[:2])}")
    sizes = Counter({name: sum(counts[a] for a in levels if pooled[a] == name) for name in final})
    notes += [
        f"only {sizes[name]} rows are '{name}'" for name in final if sizes[name] < settings.min_cell
    ]
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
