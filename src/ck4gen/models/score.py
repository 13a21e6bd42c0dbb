"""The score of the Cox partial likelihood as a function of the design, with gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


class RiskSets:
    """Who is at risk when somebody has the event, for tables whose outcomes stay as they are.

    Args:
        duration: (n,) times.
        event: (n,) 1 = event, 0 = censored.
    """

    def __init__(self, duration: np.ndarray, event: np.ndarray) -> None:
        duration, event = np.asarray(duration, float), np.asarray(event, bool)
        order = np.argsort(-duration, kind="stable")  # latest first: cumulative sums are risk sets
        sorted_times = -duration[order]
        at = np.flatnonzero(event[order])
        self.order = torch.from_numpy(order)
        self.events = torch.from_numpy(at)  # places in the sorted table
        self.last = torch.from_numpy(np.searchsorted(sorted_times, sorted_times[at], "right") - 1)
        times, place = np.unique(sorted_times[at], return_inverse=True)
        self.tied = torch.from_numpy(place)
        self.first = torch.from_numpy(np.searchsorted(place, place))  # first event of the tie
        self.groups = len(times)

    def score(self, design: Tensor, coefficients: Tensor, weight: Tensor | None = None) -> Tensor:
        """Gradient of the log partial likelihood with Efron ties (Efron 1977).

        Args:
            design: (n, p) float64 covariates in the order of the table.
            coefficients: (p,) log hazard ratios at which it is taken.
            weight: (n,) weights of the rows, such as 0/1 for a stratum; None for 1.

        Returns:
            (p,) score.
        """
        of_event, means = self._at_risk(design, coefficients, weight)
        x = design[self.order][self.events]
        return ((x - means) * of_event[:, None]).sum(0)

    def products(
        self, design: Tensor, coefficients: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The information, and the score of every product of two covariates, with Efron ties.

        Args:
            design: (n, p) float64 covariates in the order of the table.
            coefficients: (p,) log hazard ratios at which it is taken.
            weight: (n,) weights of the rows; None for 1.

        Returns:
            (p, p) minus the Hessian of the log partial likelihood, and (p, p) its gradient by
            the coefficient of each product if it were added to the model, at 0.
        """
        width = design.shape[1]
        of_event, means = self._at_risk(design, coefficients, weight, pairs=True)
        x, first = design[self.order][self.events], means[:, :width]
        second = (of_event @ means[:, width:]).reshape(width, width)
        of_event = of_event[:, None]
        return second - first.T @ (first * of_event), x.T @ (x * of_event) - second

    def _at_risk(
        self,
        design: Tensor,
        coefficients: Tensor,
        weight: Tensor | None = None,
        pairs: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Weight of each event, and the means of the covariates of those at risk at it.

        With ``pairs`` the means of all their products follow.
        """
        x = design[self.order]
        risk = (x @ coefficients).exp()
        of_event = x.new_ones(len(self.events))
        if weight is not None:
            weight = weight[self.order]
            risk, of_event = risk * weight, weight[self.events]
        values = [x.new_ones(len(x), 1), x]
        if pairs:
            values.append((x[:, :, None] * x[:, None, :]).flatten(1))
        sums = risk[:, None] * torch.cat(values, 1)
        tied = self._over_ties(sums[self.events])
        left = sums.cumsum(0)[self.last] - self._gone(of_event.detach())[:, None] * tied
        total = left[:, :1]
        # where a stratum has nobody at risk, its weight of the event is 0 as well
        return of_event, left[:, 1:] / torch.where(total > 0, total, 1.0)

    def _over_ties(self, values: Tensor) -> Tensor:
        """(e, k) -> (e, k): for each event the sum over the events tied with it."""
        sums = values.new_zeros(self.groups, values.shape[1]).index_add(0, self.tied, values)
        return sums[self.tied]

    def _gone(self, of_event: Tensor) -> Tensor:
        """Efron: at the l-th of d tied events the share l/d of their weight has left; (e,).

        Only events that count, of weight 1, are among the d.
        """
        before = of_event.cumsum(0) - of_event
        rank, total = before - before[self.first], self._over_ties(of_event[:, None])[:, 0]
        return rank / total.clamp_min(1)
