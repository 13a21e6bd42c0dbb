"""A column of categories: spellings merged, levels in order, rare ones pooled."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.levels import merged_spellings, near_duplicates, order_of
from ck4gen.data.understanding.rare_levels import OTHER, other_of, pooled_rare
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
        dtype_levels = [spelling.get(written(level)) for level in dtype.categories]
        levels = list(dict.fromkeys(level for level in dtype_levels if level is not None))
    if len(levels) == 1:
        return ColumnPlan(raw.name, drop="one value in all its spellings", facts=levels[0][:40])
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
        settings: ``min_cell``, ``min_side`` and ``max_levels``.
        word: What the levels are called, ``levels`` or ``codes``.
    """
    dtype = raw.values.dtype
    is_categorical = isinstance(dtype, pd.CategoricalDtype)
    in_order = None if is_categorical else order_of(levels)
    ordered = bool(is_categorical and dtype.ordered) or in_order is not None
    plan = ColumnPlan(
        raw.name,
        "categorical",
        levels=tuple(in_order or levels),
        merge=merge or None,
        ordered=ordered,
        missing=missing,
        meaning=raw.meaning,
    )
    plan = with_enough(plan, counts, settings, word)
    if plan.drop:
        return plan
    notes = [*plan.notes]
    if merge:
        shown = ", ".join(f"'{a}' is {b}" for a, b in list(merge.items())[:MERGES_SHOWN])
        notes.append(f"spellings merged: {shown}" + ", ..." * (len(merge) > MERGES_SHOWN))
    notes += [f"'{a}' and '{b}' look alike" for a, b in near_duplicates(plan.levels)[:2]]
    facts = f"{len(plan.levels)} {word}{' in order' * plan.ordered}: {', '.join(plan.levels)}"
    return replace(plan, facts=facts, notes=tuple(notes))


def with_enough(
    plan: ColumnPlan, counts: Counter[str], settings: Understanding, word: str
) -> ColumnPlan:
    """A plan of categories whose levels have enough patients: rare ones merged, or dropped.

    Args:
        plan: Its levels and spellings.
        counts: Patients of each level.
        settings: ``min_cell``, ``min_side`` and ``max_levels``.
        word: What the levels are called.
    """
    levels = plan.levels
    pooled = pooled_rare(levels, counts, plan.ordered, settings)
    place = {name: index for index, name in reversed(list(enumerate(pooled.values())))}
    place |= {level: index for index, level in enumerate(levels)}  # where a rare one joins another
    final = tuple(sorted(set(pooled.values()), key=place.__getitem__))
    rest = other_of(levels)
    if OTHER in final or any(level != name == rest for level, name in pooled.items()):
        final = (*(level for level in final if level != rest), rest)
    sizes: Counter[str] = Counter()
    for level, name in pooled.items():
        sizes[name] += counts[level]
    if len(final) < 2 or (len(final) == 2 and min(sizes.values()) < settings.fewest):
        return ColumnPlan(plan.name, drop="no two levels have enough patients")
    merges = {text: pooled[level] for text, level in (plan.merge or {}).items()} | pooled
    notes = []
    rare = {level: name for level, name in pooled.items() if level != name}
    if rare:
        into = sorted(set(rare.values()))
        rows = sum(counts[level] for level in rare)
        notes.append(f"{len(rare)} rare {word} ({rows} rows) merged into {', '.join(into[:2])}")
    notes += [
        f"only {sizes[name]} rows are '{name}'" for name in final if sizes[name] < settings.min_cell
    ]
    return replace(
        plan,
        levels=final,
        merge={text: name for text, name in merges.items() if text != name} or None,
        ordered=plan.ordered and OTHER not in final,
        notes=tuple(notes),
    )
