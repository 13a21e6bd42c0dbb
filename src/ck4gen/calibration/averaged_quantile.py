"""Quantiles that are no patient's own value."""

from __future__ import annotations

import numpy as np


def averaged_quantile(times: np.ndarray, share: float, group: int) -> float:
    """A quantile as the mean of ``group`` neighbours, since by itself it is the time of a patient.

    Args:
        times: (n,) sorted times.
        share: Of them that lie below, between 0 and 1.
        group: Neighbours averaged, fewer where there are fewer.
    """
    first = max(0, int((len(times) - group) * share))
    return float(times[first : first + group].mean())
