"""Intervals of privacy metrics."""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from ck4gen.evaluation.base.metric import Metric, number

EDGE = 1e-9  # areas this close to 0 or 1 are at it


def wilson(hits: float, rows: float, confidence: float) -> tuple[float, float]:
    """Interval of a share (Wilson 1927); ``hits`` may be a sum of fractions."""
    z2 = stats.norm.ppf((1 + confidence) / 2) ** 2
    share = hits / rows
    centre = share + z2 / (2 * rows)
    half = np.sqrt(z2 * (share * (1 - share) / rows + z2 / (4 * rows**2)))
    scale = 1 + z2 / rows
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


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
    """Interval of an area under the curve.

    The areas from which the observed one is just as far as chance allows, with the standard error
    of Hanley and McNeil 1982 taken at those areas (Newcombe 2006), so that it has a width at 0
    and 1 too.
    """
    z = stats.norm.ppf((1 + confidence) / 2)

    def excess(area: float) -> float:
        first, second = area / (2 - area), 2 * area**2 / (1 + area)
        variance = (
            area * (1 - area)
            + (positives - 1) * (first - area**2)
            + (negatives - 1) * (second - area**2)
        ) / (positives * negatives)
        return abs(auc - area) - z * np.sqrt(max(variance, 0))

    inside = min(max(auc, EDGE), 1 - EDGE)
    low = 0.0 if auc <= EDGE else optimize.brentq(excess, EDGE, inside)
    high = 1.0 if auc >= 1 - EDGE else optimize.brentq(excess, inside, 1 - EDGE)
    return float(low), float(high)


def share_detected(detected: int, replicates: int, confidence: float) -> Metric:
    """Power: the share of replicates in which planted copies were detected."""
    return number(detected / replicates, *wilson(detected, replicates, confidence))
