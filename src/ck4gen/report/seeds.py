"""Runs that differ in their seed alone: what is said of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ck4gen.experiments.summary_marks import of_seeds
from ck4gen.report.items import Number
from ck4gen.report.stored_run import StoredRun


def over_seeds(runs: Sequence[StoredRun], metric: str, digits: int = 2) -> Number:
    """Mean (SD) of the runs that have the metric, marked where some lack it; NaN where all do."""
    values = np.array([run.metric(metric) for run in runs])
    values = values[~np.isnan(values)]
    if not len(values):
        return Number(float("nan"), digits)
    sd = values.std(ddof=1) if len(values) > 1 else float("nan")
    return Number(values.mean(), digits, sd, mark=of_seeds(len(values), len(runs)))


def counted(seeds: Iterable[int]) -> str:
    """Numbers of seeds in words: ``1 seed``, ``5 seeds``, or ``2 to 5 seeds``."""
    counts = list(seeds)
    low, high = min(counts), max(counts)
    return f"{low} seed{'s' * (low != 1)}" if low == high else f"{low} to {high} seeds"
