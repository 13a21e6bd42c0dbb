"""Correlations over rows that count for more or less than one, and what one row moves."""

from __future__ import annotations

from torch import Tensor

from ck4gen.models.weighted_moments import weighted_mean, weighted_variance

MIN_SD = 1e-6  # a term that does not vary has no correlation


def standardised(values: Tensor, weight: Tensor) -> Tensor:
    """(n, k) values in SDs from their mean."""
    sd = weighted_variance(values, weight).sqrt().clamp_min(MIN_SD)
    return (values - weighted_mean(values, weight)) / sd


def correlation(z: Tensor, weight: Tensor) -> Tensor:
    """(k, k) correlations of (n, k) standardised values."""
    return (weight[:, None] * z).T @ z / (weight.sum() - 1)


def correlation_slopes(values: Tensor, weight: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """(n, m) slopes of the correlations of m pairs of columns on the weight of each row.

    Args:
        values: (n, k) values.
        weight: (n,) weights.
        left: (m,) place of one column of each pair.
        right: (m,) place of the other.
    """
    z = standardised(values, weight)
    correlations = correlation(z, weight)[left, right]
    spread = z.square() - 1  # twice the slope of a log SD
    gap = (
        z[:, left] * z[:, right]
        - correlations
        - correlations * (spread[:, left] + spread[:, right]) / 2
    )
    return gap / (weight.sum() - 1)
