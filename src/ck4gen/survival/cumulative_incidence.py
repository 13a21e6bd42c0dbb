"""Cumulative incidence of causes that compete."""

from __future__ import annotations

import pandas as pd
from sksurv.nonparametric import cumulative_incidence_competing_risks

from ck4gen.data.schema import CAUSE, DURATION
from ck4gen.survival.kaplan_meier import Curve


def cumulative_incidence(table: pd.DataFrame, causes: int) -> dict[int, Curve]:
    """Probability of each cause up to a time, by cause (Aalen and Johansen 1978).

    Args:
        table: (n, p + 3) rows with durations and causes.
        causes: How many there are, the event being the first.

    Raises:
        ValueError: The table lacks one.
    """
    cause, duration = table[CAUSE].to_numpy(int), table[DURATION].to_numpy(float)
    if lost := sorted({*range(1, causes + 1)} - {*cause}):
        raise ValueError(f"no row has cause {', '.join(map(str, lost))}")
    times, incidence = cumulative_incidence_competing_risks(cause, duration)
    curves = incidence[1:]  # the first is that of any cause
    return {code: Curve(times, curve, 0.0) for code, curve in enumerate(curves, 1)}
