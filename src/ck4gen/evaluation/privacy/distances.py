"""Distance of synthetic rows to their nearest training rows, against that of held-out rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.gower import TIE, neighbours

BLOCK = 50  # sets of rows held at once
Statistic: TypeAlias = Callable[..., np.ndarray]  # of values along an axis
COARSE = "at least half of the held-out rows equal a training row"
NAMES = ("privacy/dcr_ratio", "privacy/nndr", "privacy/nndr_holdout")
INFO = (
    MetricInfo(
        "privacy/dcr_ratio",
        "DCR ratio",
        "median distance to the nearest training row over that of held-out rows",
        ideal=1,
        null=1.0,
    ),
    MetricInfo("privacy/nndr", "NNDR", "low percentile of nearest over second-nearest distance"),
    MetricInfo("privacy/nndr_holdout", "NNDR, held out", "the same of held-out patients"),
)


def distances(
    real: np.ndarray,
    synthetic: np.ndarray,
    holdout: np.ndarray,
    settings: PrivacySettings,
    confidence: float,
) -> dict[str, Metric]:
    """Distance to the closest record and nearest-neighbour distance ratio, S and H to R.

    ``dcr_ratio`` is the median distance of S to R over that of H to R. ``nndr`` is a low
    percentile of nearest over second nearest distance; 0 / 0 is 1, since of two equal patients
    neither is singled out. Intervals: percentiles over bootstraps of the rows of S and H.

    Args:
        real: (n, d) points of the training rows.
        synthetic: (m, d) points of the synthetic rows.
        holdout: (k, d) points of the held-out rows.
        settings: Percentile, bootstraps and their seed.
        confidence: Level of the intervals.
    """
    nearest = [neighbours(real, points, 2)[0] for points in (synthetic, holdout)]
    ratios = [_ratio(pair) for pair in nearest]
    generator = np.random.default_rng(settings.seed)
    drawn = [
        [generator.integers(0, len(side), len(side)) for side in nearest]
        for _ in range(settings.bootstraps)
    ]
    level = [(1 - confidence) / 2, (1 + confidence) / 2]

    low = partial(np.quantile, q=settings.nndr_percentile)

    def again(statistic: Statistic, values: np.ndarray, side: int) -> np.ndarray:
        return _of_draws(statistic, values, [rows[side] for rows in drawn])

    def percentile(ratio: np.ndarray, side: int) -> Metric:
        return number(low(ratio), *np.quantile(again(low, ratio, side), level))

    closest, control = (pair[:, 0] for pair in nearest)
    if np.median(control) <= TIE:
        ratio = Metric(None, reason=COARSE)
    else:
        medians = again(np.median, closest, 0), again(np.median, control, 1)
        known = medians[1] > TIE
        value = np.median(closest) / np.median(control)
        ratio = number(value, *np.quantile(medians[0][known] / medians[1][known], level))
    metrics = ratio, percentile(ratios[0], 0), percentile(ratios[1], 1)
    return dict(zip(NAMES, metrics, strict=True))


def _of_draws(statistic: Statistic, values: np.ndarray, drawn: list[np.ndarray]) -> np.ndarray:
    """(B,) a statistic of the values in each of B drawn sets of rows."""
    blocks = (np.stack(drawn[start : start + BLOCK]) for start in range(0, len(drawn), BLOCK))
    return np.concatenate([statistic(values[rows], axis=1) for rows in blocks])


def _ratio(pair: np.ndarray) -> np.ndarray:
    first, second = pair.T
    equal = second <= TIE
    return np.where(equal, 1.0, first / np.where(equal, 1.0, second))
