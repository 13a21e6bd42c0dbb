"""From the score of a decoder to a value of the column, through two distribution functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import ndtr, ndtri

from ck4gen.data.few_values import few_values
from ck4gen.data.heaps import Heaps

TINY = 1e-12  # a step of shares between two knots at the same share
SMOOTH = 2000  # values of a quantile function on which heaps are fitted, at most


class QuantileFunction:
    """The quantile function of one column, through averages of neighbouring patients.

    A column of few values takes these alone, rare ones averaged, see :func:`few_values`; one of
    two values keeps both, as a 0/1 column does. Any other runs straight from knot to knot. Beyond
    the middle of the first and last group it goes on with the slope to their neighbour, so that a
    long tail keeps its SD; not where that leaves the range of the values (our choice).

    Args:
        values: (n,) training values.
        weight: (n,) their weights.
        group: Patients averaged in one knot. 1 keeps every real value, extremes included; with 10
            neither a knot nor an end of the table is the value of one patient.
        few: Different values, at most, of a column that takes its own values alone.
        excess: From which excess on, in standard deviations, round numbers are taken to be
            preferred, see :meth:`Heaps.of`; values that at least ``group`` patients share then
            keep their share. None: neither.
    """

    def __init__(
        self,
        values: np.ndarray,
        weight: np.ndarray,
        group: float,
        few: int = 0,
        excess: float | None = None,
    ) -> None:
        distinct = np.unique(values)
        self.stepwise = len(distinct) <= few
        self.heaps = Heaps()
        if self.stepwise:
            shown = values if len(distinct) == 2 else few_values(values, weight, group)
            self.knots, step = np.unique(shown, return_inverse=True)
            taken = np.bincount(step, weight)
            self.shares = taken.cumsum() / taken.sum()
            return
        order = np.argsort(values, kind="stable")
        parts = _parts(values[order], group, excess is not None)
        below = weight[order].cumsum()
        total, knots, shares = below[-1], [], []
        for part in parts:
            rows = order[part.ranks]
            size, upto = weight[rows].sum(), below[part.ranks[-1]]
            if part.value is None:
                knots.append(np.average(values[rows], weights=weight[rows]))
                shares.append((upto - size / 2) / total)  # middle of the group
            else:
                knots += [part.value] * 2
                shares += [(upto - size) / total, upto / total]
        self.knots, self.shares = np.maximum.accumulate(knots), np.array(shares)
        if len(parts) > 1:
            self._prolong(values.min(), values.max())
        if excess is not None:
            smooth = self(np.linspace(0, 1, min(len(values), SMOOTH)))
            self.heaps = Heaps.of(values, weight, smooth, group, excess)

    def _prolong(self, least: float, greatest: float) -> None:
        """Go on to both ends with the slope to the neighbour, within the range."""
        slopes = np.diff(self.knots)[[0, -1]] / np.maximum(np.diff(self.shares)[[0, -1]], TINY)
        low, high = self.knots[[0, -1]] + slopes * ([0, 1] - self.shares[[0, -1]])
        if low > least and self.shares[0] > 0:
            self.knots, self.shares = np.r_[low, self.knots], np.r_[0, self.shares]
        if high < greatest and self.shares[-1] < 1:
            self.knots, self.shares = np.r_[self.knots, high], np.r_[self.shares, 1]

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "stepwise": self.stepwise,
            "knots": torch.from_numpy(self.knots),
            "shares": torch.from_numpy(self.shares),
            "heaps": self.heaps.to_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping) -> QuantileFunction:
        """The function of :meth:`to_state`."""
        quantiles = cls.__new__(cls)
        quantiles.stepwise = state["stepwise"]
        quantiles.knots, quantiles.shares = state["knots"].numpy(), state["shares"].numpy()
        quantiles.heaps = Heaps.from_state(state["heaps"])
        return quantiles

    def __call__(self, shares: np.ndarray) -> np.ndarray:
        """(m,) shares of the patients, 0 to 1 -> (m,) values that so many lie below."""
        if self.stepwise:
            return self.knots[np.searchsorted(self.shares[:-1], shares)]
        return np.interp(shares, self.shares, self.knots)

    def smooth(self, shares: np.ndarray) -> np.ndarray:
        """The same without its steps, where there are heaps: through the middle of each.

        Over a step a value does not move with its share. Whoever goes by its slope would stay.
        """
        if not self.heaps.steps:
            return self(shares)
        return np.interp(shares, *self._middles)

    @cached_property
    def _middles(self) -> tuple[np.ndarray, np.ndarray]:
        """(k,) middle of the shares of each value among the knots, and these values."""
        knots, step = np.unique(self.knots, return_inverse=True)
        return np.bincount(step, self.shares) / np.bincount(step), knots

    def heaped(self, values: np.ndarray) -> np.ndarray:
        """(m,) values of the function -> (m,) values, as many on round numbers as patients have."""
        return self.heaps(values, self.knots[0], self.knots[-1]) if self.heaps.steps else values


class _Part(NamedTuple):
    """Neighbouring patients: ranks in the order of their values, and the value if all have one."""

    ranks: np.ndarray
    value: float | None


def _parts(values: np.ndarray, group: float, shared: bool) -> list[_Part]:
    """Sorted values in groups of about ``group``; values that as many share by themselves.

    Fewer than ``group`` patients between two such values have no knot: the function runs straight
    there. At an end they are averaged with the value beside them.
    """
    whole = np.arange(len(values))
    spans = _shared(values, group) if shared else []
    parts, last = [], 0
    for start, stop, value in [*spans, (len(values), len(values), None)]:
        gap = whole[last:start]
        if len(gap) >= group or not spans:
            parts += [_Part(r, None) for r in np.array_split(gap, int(max(1, len(gap) // group)))]
        if value is not None:
            parts.append(_Part(whole[start:stop], value))
        last = stop
    return parts


def _shared(values: np.ndarray, group: float) -> list[tuple[int, int, float]]:
    """Where values of at least ``group`` patients begin and end among sorted ones, and which."""
    distinct, first, count = np.unique(values, return_index=True, return_counts=True)
    spans = [
        (int(start), int(start + number), float(value))
        for value, start, number in zip(distinct, first, count, strict=True)
        if number >= group
    ]
    while spans and 0 < spans[0][0] < group:
        spans.pop(0)
    while spans and 0 < len(values) - spans[-1][1] < group:
        spans.pop()
    return spans


@dataclass(frozen=True)
class QuantileMap:
    """Scores of a decoder to values of a column.

    The share of scores below a score, among many that the generator drew, is the share of
    patients below the value. So a column has the distribution of the patients up to the sampling
    noise of its own rows, which ranks would take away. Shares are read off on the normal scale,
    where those of a generator are nearly straight, to its last rows: between two even shares at
    an end nearly all scores lie at one of them.

    Attributes:
        scores: (k,) quantiles of the generator's scores at equal steps of the normal score of
            their share.
        reach: Normal score of the last one; that of the first is as far below 0.
        quantiles: The quantile function of the column.
    """

    scores: np.ndarray
    reach: float
    quantiles: QuantileFunction

    @classmethod
    def of(cls, scores: np.ndarray, quantiles: QuantileFunction, knots: int) -> QuantileMap:
        """The map for a generator that drew these scores.

        Args:
            scores: (m,) many scores.
            quantiles: The quantile function of the column.
            knots: Quantiles kept of the scores.
        """
        reach = float(-ndtri(0.5 / len(scores)))  # half of a row lies beyond
        shares = ndtr(np.linspace(-reach, reach, knots))
        return cls(np.quantile(scores, shares), reach, quantiles)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "scores": torch.from_numpy(self.scores),
            "reach": self.reach,
            "quantiles": self.quantiles.to_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping) -> QuantileMap:
        """The map of :meth:`to_state`."""
        quantiles = QuantileFunction.from_state(state["quantiles"])
        return cls(state["scores"].numpy(), state["reach"], quantiles)

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """(m,) scores -> (m,) values, not yet rounded."""
        return self.quantiles(self._shares(scores))

    def smooth(self, scores: np.ndarray) -> np.ndarray:
        """(m,) scores -> (m,) values without steps, to take slopes of."""
        return self.quantiles.smooth(self._shares(scores))

    def _shares(self, scores: np.ndarray) -> np.ndarray:
        normal = np.linspace(-self.reach, self.reach, len(self.scores))
        shares: np.ndarray = ndtr(np.interp(scores, self.scores, normal))
        return shares
