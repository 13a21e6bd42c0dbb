"""Intervals of privacy metrics."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ck4gen.evaluation.metric import Metric, number


def wilson(hits: float, rows: int, confidence: float) -> tuple[float, float]:
    """Interval of a share (Wilson 1927); ``hits`` may be a sum of fractions."""
    z2 = stats.norm.ppf((1 + confidence) / 2) ** 2
    share = hits / rows
    centre = share + z2 / (2 * rows)
    half = np.sqrt(z2 * (share * (1 - share) / rows + z2 / (4 * rows**2)))
    scale = 1 + z2 / rows
    return (centre - half) / scale, (centre + half) / scale


def shifted(value: float, null: np.ndarray, centre: float, confidence: float) -> Metric:
    """The spread of a permutation null moved to the value.

    It excludes ``centre`` exactly when the value lies outside the null's central part.

    Args:
        value: The metric.
        null: (B,) its values under permuted labels.
        centre: What it is without a leak.
        confidence: Level.
    """
    low, high = null_range(null, confidence)
    return number(value, value - max(high - centre, 0), value + max(centre - low, 0))


def null_range(null: np.ndarray, confidence: float) -> tuple[float, float]:
    """Central part of a null distribution."""
    low, high = np.quantile(null, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def hanley_mcneil(
    auc: float, positives: int, negatives: int, confidence: float
) -> tuple[float, float]:
    """Interval of an area under the curve (Hanley and McNeil 1982)."""
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc) + (positives - 1) * (first - auc**2) + (negatives - 1) * (second - auc**2)
    ) / (positives * negatives)
    half = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(max(variance, 0))
    return max(0.0, auc - half), min(1.0, auc + half)


def share_detected(detected: int, replicates: int, confidence: float) -> Metric:
    """Power: the share of replicates in which planted copies were detected."""
    return number(detected / replicates, *wilson(detected, replicates, confidence))
