"""A column as a schema file reads it: values of too few patients are merged there as well."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.level_column import with_enough
from ck4gen.data.understanding.rare_levels import counted, with_two_sides
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding


def schema_file_plan(plan: ColumnPlan, raw: RawColumn, settings: Understanding) -> ColumnPlan:
    """The plan of a schema file, with what fewer than ``min_cell`` patients have merged.

    Args:
        plan: What the file says.
        raw: The column as it was read; a cell that does not fit is a fault of its own, elsewhere.
        settings: ``min_cell`` and ``min_side``.
    """
    if plan.kind not in ("categorical", "binary") and not plan.values:
        return plan
    clean = plan.apply(raw)[0].dropna()
    if plan.kind == "categorical":
        return _levels(plan, Counter(clean), settings)
    if plan.kind == "binary":
        return with_two_sides(plan, counted(clean.to_numpy(float)), settings)
    values = np.array(plan.values)
    counts = np.array([(clean == value).sum() for value in values])
    common = values[(counts == 0) | (counts >= settings.min_cell)]
    if len(common) == len(values):
        return plan
    note = f"values of fewer than {settings.min_cell} patients left out"
    kept = tuple(map(float, common)) if len(common) > 1 else ()
    return replace(plan, values=kept, notes=(note,))


def _levels(plan: ColumnPlan, counts: Counter[str], settings: Understanding) -> ColumnPlan:
    """Its levels that patients have, checked; nobody has the others, which tell nothing."""
    present = tuple(level for level in plan.levels if counts[level])
    most = max(settings.max_levels, len(present))  # as many as the file says
    if len(present) < 2:
        return plan
    checked = with_enough(
        replace(plan, levels=present), counts, replace(settings, max_levels=most), "levels"
    )
    if set(checked.levels) == set(present):  # in the order of the file
        return replace(plan, notes=checked.notes)
    return checked
