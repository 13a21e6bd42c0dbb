"""Who is at risk when: strata, and delayed entry; what cannot be used of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, ENTRY
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.dates import date_format
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.level_column import level_plan
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding

BELOW = "an entry is a number of at least 0, below the duration and in its unit"


def stratum_plan(raw: RawColumn, plan: ColumnPlan, settings: Understanding) -> ColumnPlan:
    """A column of strata as categories, also where it holds few different numbers."""
    if plan.kind != "numeric" or raw.distinct > settings.max_levels:
        return plan
    blank = plan.apply(raw)[0].isna().to_numpy()
    without_blanks = replace(raw, values=raw.values.mask(blank))
    return replace(level_plan(without_blanks, settings), missing=plan.missing)


def stratum_faults(plan: ColumnPlan, blank: np.ndarray | None) -> list[Fault]:
    """Why a column is no stratum.

    Args:
        plan: How it is read.
        blank: (n,) its blanks, where it is kept.
    """
    if plan.drop:
        what = f"is left out ({plan.drop}), so nothing can be stratified by it"
        return [Fault(plan.name, what, "name another column, or say in schema.yaml how to read it")]
    if plan.kind not in ("binary", "categorical"):
        what = f"is {plan.kind}, and a stratum is a category"
        return [Fault(plan.name, what, "give its bands, such as <50, 50-64, 65+")]
    if blank is not None and blank.any():
        advice = "fill it, or leave the row out"
        return [Fault.at(plan.name, blank, "the stratum is missing", advice)]
    return []


def entry_faults(raw: RawColumn, outcome: pd.DataFrame) -> list[Fault]:
    """What is wrong with entry times.

    Args:
        raw: The column.
        outcome: (n, >= 2) durations and entry times.
    """
    if date_format(raw) is not None:
        advice = "give the time from the origin of the duration to it, as a number"
        return [Fault(raw.name, "holds dates, and an entry time is needed", advice)]
    entry, faults = outcome[ENTRY].to_numpy(float), []
    for wrong, what in (
        (~np.isfinite(entry), "the entry is missing or no number"),
        (entry < 0, "the entry is negative"),
        (entry >= outcome[DURATION].to_numpy(float), "the entry is not below the duration"),
    ):
        if wrong.any():
            faults.append(Fault.at(raw.name, wrong, what, BELOW))
    if not faults and not entry.any():
        faults.append(Fault(raw.name, "every entry is 0", "leave it out, nobody enters late"))
    return faults


def described(strata: Mapping[str, int], sizes: pd.DataFrame) -> str:
    """The strata in words.

    Args:
        strata: By column, how many levels it has.
        sizes: Patients and events of each stratum that has a patient.
    """
    by = " and ".join(f"{name} ({levels} levels)" for name, levels in strata.items())
    smallest = sizes.loc[sizes["events"].idxmin()]
    return (
        f"stratified by {by}: {len(sizes)} strata, the smallest with {smallest['events']:g} events "
        f"of {smallest['patients']:g} patients; those with fewer events than method.outcomes.group "
        "share a baseline hazard"
    )
