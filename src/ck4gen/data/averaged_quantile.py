"""Quantiles that are no patient's own value."""

from __future__ import annotations

import numpy as np


def averaged_quantile(times: np.ndarray, weight: np.ndarray, share: float, group: int) -> float:
    """A quantile as the mean of ``group`` neighbours, since by itself it is the time of a patient.

    Args:
        times: (n,) times in any order.
        weight: (n,) their weights.
        share: Of the weight that lies below, between 0 and 1.
        group: Neighbours averaged, fewer where there are fewer.
    """
    order = np.argsort(times, kind="stable")
    times, weight = times[order], weight[order]
    below = int(np.searchsorted(weight.cumsum(), share * weight.sum(), side="right"))
    first = min(max(0, below - group // 2), max(0, len(times) - group))
    window = slice(first, first + group)
    return float(np.average(times[window], weights=weight[window]))
