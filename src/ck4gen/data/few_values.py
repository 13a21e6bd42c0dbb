"""What stands for the values of a column of few different ones: nothing that few patients have."""

from __future__ import annotations

import numpy as np


def few_values(values: np.ndarray, weight: np.ndarray, group: float) -> np.ndarray:
    """(n,) values -> (n,) those that a table shows in their place.

    A value that ``group`` patients have stands for itself. Rarer ones between two such, or beyond
    them, are averaged in runs of at least ``group`` patients, and where they are fewer the nearest
    common value stands for them. The most frequent of a run would be one patient's where nobody
    shares a value.

    Args:
        values: (n,) values.
        weight: (n,) weights of the patients, by which values are averaged.
        group: Patients behind each value that is shown.
    """
    distinct, place, count = np.unique(values, return_inverse=True, return_counts=True)
    common = count >= group
    shown = np.where(common, distinct, np.nan)
    for stretch in np.split(np.arange(len(distinct)), np.flatnonzero(np.diff(common)) + 1):
        if common[stretch[0]]:
            continue
        for run in _runs(stretch, count, group):
            members = np.isin(place, run)
            if members.sum() >= group or not common.any():
                shown[run] = np.average(values[members], weights=weight[members])
            else:
                nearest = np.abs(distinct[run, None] - distinct[common]).argmin(1)
                shown[run] = distinct[common][nearest]
    return shown[place]


def _runs(stretch: np.ndarray, count: np.ndarray, group: float) -> list[list[int]]:
    """Neighbours of a stretch in runs of ``group`` patients; what is left joins the last one."""
    runs: list[list[int]] = [[]]
    for index in stretch.tolist():
        if count[runs[-1]].sum() >= group:
            runs.append([])
        runs[-1].append(index)
    if len(runs) > 1 and count[runs[-1]].sum() < group:
        runs[-2:] = [runs[-2] + runs[-1]]
    return runs
