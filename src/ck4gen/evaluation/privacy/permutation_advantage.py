"""What an attack gains on training rows over held-out rows, and its permutation inference."""

from __future__ import annotations

import numpy as np

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.privacy.intervals import shifted

BLOCK = 100  # permutations held at once
RESERVED = ("leverage", "outliers", "power")  # last parts of other names


def names(attack: str, covariates: list[str]) -> tuple[str, ...]:
    """``attack``, then ``attack/<covariate>`` for each."""
    column_names = (f"{name} (covariate)" if name in RESERVED else name for name in covariates)
    return (attack, *(f"{attack}/{name}" for name in column_names))


def gain(success: np.ndarray, train: np.ndarray) -> np.ndarray:
    """(p,) mean success on training rows minus that on held-out rows, per covariate."""
    return success[train].mean(0) - success[~train].mean(0)


def null_gains(success: np.ndarray, train: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """(B, p) gains under permuted labels."""
    generator = np.random.default_rng(seed)
    total, members = success.sum(0), int(train.sum())
    parts = [np.empty((0, success.shape[1]))]
    for start in range(0, permutations, BLOCK):
        count = min(BLOCK, permutations - start)
        labels = np.array([generator.permutation(train) for _ in range(count)], float)
        sums = labels @ success  # of the training rows; what is left is that of the others
        parts.append(sums / members - (total - sums) / (len(train) - members))
    return np.vstack(parts)


def half_width(null: np.ndarray, confidence: float) -> float:
    """Quantile of the largest |gain| over covariates: a simultaneous interval's half-width."""
    return float(np.quantile(np.abs(null).max(1), confidence))


def worst(success: np.ndarray, train: np.ndarray, null: np.ndarray, confidence: float) -> Metric:
    """The largest gain over covariates with its max-statistic interval (Westfall and Young 1993).

    The largest of several gains lies above 0 by chance; the interval allows for that.
    """
    value, half = gain(success, train).max(), half_width(null, confidence)
    return number(value, value - half, value + half)


def advantages(
    attack: str,
    covariates: list[str],
    success: np.ndarray,
    train: np.ndarray,
    null: np.ndarray,
    confidence: float,
) -> dict[str, Metric]:
    """The worst covariate, then each with an interval of its own.

    Args:
        attack: Name of the metric.
        covariates: (p,) names.
        success: (N, p) chance of success on each target.
        train: (N,) mask of the targets that are training rows.
        null: (B, p) gains under permuted labels.
        confidence: Level of the intervals.
    """
    each = (
        shifted(value, column, 0.0, confidence)
        for value, column in zip(gain(success, train), null.T, strict=True)
    )
    metrics = (worst(success, train, null, confidence), *each)
    return dict(zip(names(attack, covariates), metrics, strict=True))
