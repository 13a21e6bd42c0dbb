"""A column of numbers: its blanks, its grid, its own values; or codes of categories."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.precision import MAX_DECIMALS
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.grid import (
    allowed_values,
    is_code,
    moved_to_grid,
    nearly_constant,
    step_of,
)
from ck4gen.data.understanding.level_column import categories
from ck4gen.data.understanding.missing_codes import as_texts, missing_numbers, missing_words
from ck4gen.data.understanding.rare_levels import counted, with_two_sides
from ck4gen.data.understanding.raw_column import RawColumn, written
from ck4gen.data.understanding.settings import Understanding

LARGEST_DIGIT = 9
LEAST_SPREAD = 100 * 10.0**-MAX_DECIMALS  # of values that are written with so many decimals


def number_plan(raw: RawColumn, settings: Understanding) -> ColumnPlan | Fault | None:
    """How a column of numbers is read; None where it holds other things."""
    if isinstance(raw.values.dtype, pd.CategoricalDtype) and not raw.limits.any():
        return None
    if raw.limits[~raw.blank].all():  # <65 and >=65 are bands
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
    return _of_values(raw, values, (*words, *as_texts(codes)), settings)


def _of_values(
    raw: RawColumn, values: np.ndarray, missing: tuple[str, ...], settings: Understanding
) -> ColumnPlan | Fault:
    """What numbers without blanks are: two sides, codes or measurements."""
    distinct = np.unique(values)
    if len(distinct) < 2:
        only = written(float(distinct[0]))
        return ColumnPlan(raw.name, drop="one value or blank", facts=only)
    if np.ptp(distinct) < LEAST_SPREAD:
        what = f"all values lie within {np.ptp(distinct):.2g} of each other"
        return Fault(raw.name, what, "give it in a smaller unit, as multiplied by 1000000")
    if set(distinct) == {0, 1}:
        facts = f"1 in {(values == 1).mean():.0%}"
        plan = ColumnPlan(raw.name, "binary", missing=missing, meaning=raw.meaning, facts=facts)
        return with_two_sides(plan, counted(values), settings)
    if is_code(raw.name, values, settings):
        return _codes(raw, values, missing, settings)
    if nearly_constant(values, settings):
        common = counted(values).most_common(1)[0][0]
        return ColumnPlan(raw.name, drop="only one value in enough patients", facts=common)
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
    step = step_of(values, settings.min_cell - 1)
    moved = moved_to_grid(values, step)
    beside, values = int((moved != values).sum()), moved
    few = allowed_values(values, step, settings)
    grid = "whole" if step == 1 else f"in steps of {step:g}" if step else "continuous"
    low, high = values.min(), values.max()
    facts = f"{grid}, {low:g} to {high:g}"
    if few:
        facts += f", only {len(few)} values"
    notes = [f"{beside} values beside the steps are moved to them"] * bool(beside)
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
        unit=raw.unit,
        meaning=raw.meaning or _stands_for(raw, settings),
        facts=facts + f" {raw.unit}" * bool(raw.unit),
        notes=tuple(notes),
    )


def _stands_for(raw: RawColumn, settings: Understanding) -> str:
    """What the number of a detection limit says, for the recipient of a table; empty without one.

    Of fewer than ``min_cell`` patients it would tell of these; two limits or more stand in the plan
    alone.
    """
    limits = raw.texts[raw.limits].unique()
    if len(limits) != 1 or raw.limits.sum() < settings.min_cell:
        return ""
    return f"{written(float(raw.numbers[raw.limits][0]))} stands for {limits[0]}"


def _limit(raw: RawColumn) -> str:
    return raw.texts[raw.limits].iloc[0]


def _codes(
    raw: RawColumn, values: np.ndarray, missing: tuple[str, ...], settings: Understanding
) -> ColumnPlan:
    """Numbers that name categories, in the order of the numbers."""
    counts = counted(values)
    return categories(raw, list(counts), counts, {}, missing, settings, "codes")
