"""From the score of a decoder to a value of the column, through two distribution functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch


class QuantileFunction:
    """The quantile function of one column, through averages of neighbouring patients.

    A column of few values takes these alone, the value that most have standing for its neighbours
    where fewer than ``group`` patients have one; one of two values keeps both, as a 0/1 column
    does. Any other runs straight from knot to knot. Beyond the middle of the
    first and last group it goes on with the slope to their neighbour, so that a long tail keeps
    its SD; not where that leaves the range of the values (our choice).

    Args:
        values: (n,) training values.
        weight: (n,) their weights.
        group: Patients averaged in one knot. 1 keeps every real value, extremes included; with 10
            neither a knot nor an end of the table is the value of one patient.
        few: Different values, at most, of a column that takes its own values alone.
    """

    def __init__(self, values: np.ndarray, weight: np.ndarray, group: float, few: int = 0) -> None:
        distinct, count = np.unique(values, return_counts=True)
        self.stepwise = len(distinct) <= few
        if self.stepwise:
            common = distinct if len(distinct) == 2 else _merged(distinct, count, group)
            nearest = np.abs(values[:, None] - common).argmin(1)
            taken = np.bincount(nearest, weight, len(common))
            self.knots, self.shares = common, taken.cumsum() / taken.sum()
            return
        order = np.argsort(values, kind="stable")
        parts = np.array_split(order, int(max(1, len(values) // group)))
        sizes = np.array([weight[part].sum() for part in parts])
        means = [np.average(values[part], weights=weight[part]) for part in parts]
        self.knots = np.maximum.accumulate(means)
        self.shares = (sizes.cumsum() - sizes / 2) / sizes.sum()  # middle of each group
        if len(parts) > 1:
            steps = np.diff(self.knots)[[0, -1]] / np.diff(self.shares)[[0, -1]]
            low, high = self.knots[[0, -1]] + steps * ([0, 1] - self.shares[[0, -1]])
            if low > values.min():
                self.knots, self.shares = np.r_[low, self.knots], np.r_[0, self.shares]
            if high < values.max():
                self.knots, self.shares = np.r_[self.knots, high], np.r_[self.shares, 1]

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "stepwise": self.stepwise,
            "knots": torch.from_numpy(self.knots),
            "shares": torch.from_numpy(self.shares),
        }

    @classmethod
    def from_state(cls, state: Mapping) -> QuantileFunction:
        """The function of :meth:`to_state`."""
        quantiles = cls.__new__(cls)
        quantiles.stepwise = state["stepwise"]
        quantiles.knots, quantiles.shares = state["knots"].numpy(), state["shares"].numpy()
        return quantiles

    def __call__(self, shares: np.ndarray) -> np.ndarray:
        """(m,) shares of the patients, 0 to 1 -> (m,) values that so many lie below."""
        if self.stepwise:
            return self.knots[np.searchsorted(self.shares[:-1], shares)]
        return np.interp(shares, self.shares, self.knots)


def _merged(values: np.ndarray, count: np.ndarray, group: float) -> np.ndarray:
    """Of each run of neighbouring values that ``group`` patients have, the one most have."""
    runs: list[list[int]] = [[]]
    for place in range(len(values)):
        if count[runs[-1]].sum() >= group:
            runs.append([])
        runs[-1].append(place)
    if len(runs) > 1 and count[runs[-1]].sum() < group:
        runs[-2:] = [runs[-2] + runs[-1]]
    return values[[max(run, key=lambda place: count[place]) for run in runs]]


@dataclass(frozen=True)
class QuantileMap:
    """Scores of a decoder to values of a column.

    The share of scores below a score, among many that the generator drew, is the share of
    patients below the value. So a column has the distribution of the patients up to the sampling
    noise of its own rows, which ranks would take away.

    Attributes:
        scores: (k,) quantiles of the generator's scores at equal steps of their share.
        quantiles: The quantile function of the column.
    """

    scores: np.ndarray
    quantiles: QuantileFunction

    @classmethod
    def of(cls, scores: np.ndarray, quantiles: QuantileFunction, knots: int) -> QuantileMap:
        """The map for a generator that drew these scores.

        Args:
            scores: (m,) many scores.
            quantiles: The quantile function of the column.
            knots: Quantiles kept of the scores.
        """
        return cls(np.quantile(scores, np.linspace(0, 1, knots)), quantiles)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {"scores": torch.from_numpy(self.scores), "quantiles": self.quantiles.to_state()}

    @classmethod
    def from_state(cls, state: Mapping) -> QuantileMap:
        """The map of :meth:`to_state`."""
        quantiles = QuantileFunction.from_state(state["quantiles"])
        return cls(state["scores"].numpy(), quantiles)

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """(m,) scores -> (m,) values, not yet rounded."""
        shares = np.interp(scores, self.scores, np.linspace(0, 1, len(self.scores)))
        return self.quantiles(shares)
