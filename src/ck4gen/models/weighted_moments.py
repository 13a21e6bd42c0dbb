"""Means and variances over rows that count for more or less than one."""

from __future__ import annotations

from torch import Tensor


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """(n, k) values and (n,) weights -> (k,) means."""
    return weight @ values / weight.sum()


def weighted_variance(values: Tensor, weight: Tensor) -> Tensor:
    """(n, k) values and (n,) weights -> (k,) variances; weights of 1 give those of torch."""
    deviation = values - weighted_mean(values, weight)
    return weight @ deviation.square() / (weight.sum() - 1)
