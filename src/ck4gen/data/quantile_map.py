"""Ranks to real quantiles: a numeric column gets the marginal of the training rows."""

from __future__ import annotations

import numpy as np
import torch


class QuantileMap:
    """The quantile function of one column, through averages of neighbouring patients.

    Beyond the middle of the first and last group it goes on with the slope to their neighbour, so
    that a long tail keeps its SD; not where that leaves the range of the values (our choice).

    Args:
        values: (n,) training values.
        group: Patients averaged in one knot. 1 keeps every real value, extremes included; with 10
            neither a knot nor an end of the table is the value of one patient.
    """

    def __init__(self, values: np.ndarray, group: float) -> None:
        parts = np.array_split(np.sort(values), int(max(1, len(values) // group)))
        sizes = np.array([len(part) for part in parts])
        self.knots = np.array([part.mean() for part in parts])
        self.shares = (sizes.cumsum() - sizes / 2) / len(values)  # middle of each group
        if len(parts) > 1:
            steps = np.diff(self.knots)[[0, -1]] / np.diff(self.shares)[[0, -1]]
            low, high = self.knots[[0, -1]] + steps * ([0, 1] - self.shares[[0, -1]])
            if low > values.min():
                self.knots, self.shares = np.r_[low, self.knots], np.r_[0, self.shares]
            if high < values.max():
                self.knots, self.shares = np.r_[self.knots, high], np.r_[self.shares, 1]

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {"knots": torch.from_numpy(self.knots), "shares": torch.from_numpy(self.shares)}

    @classmethod
    def from_state(cls, state: dict) -> QuantileMap:
        """The map of :meth:`to_state`."""
        quantiles = cls.__new__(cls)
        quantiles.knots, quantiles.shares = state["knots"].numpy(), state["shares"].numpy()
        return quantiles

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """(m,) scores -> (m,) values in the order of the scores, ties by their place."""
        rank = np.empty(len(scores))
        rank[np.argsort(scores, kind="stable")] = np.arange(len(scores))
        return np.interp((rank + 0.5) / len(scores), self.shares, self.knots)
