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
        x = design[self.order]
        of_event, _, _, _, means = self._at_risk(x, coefficients, weight)
        return ((x[self.events] - means) * of_event[:, None]).sum(0)

    def products(
        self, design: Tensor, coefficients: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The score, the information, the score of every product of two covariates, and residuals.

        A product needs no sum over each risk set: row i takes part in all of them by its expected
        number of events, risk times cumulative hazard, so that one sum over the rows is enough.

        Args:
            design: (n, p) float64 covariates in the order of the table.
            coefficients: (p,) log hazard ratios at which it is taken.
            weight: (n,) weights of the rows; None for 1.

        Returns:
            (p,) score, (p, p) minus the Hessian of the log partial likelihood with Efron ties,
            (p, p) its gradient by the coefficient of each product if it were added to the
            model, at 0, and (n,) events of each row less those expected of it, times its weight
            (martingale residuals), whose product with any further covariate is the score of that.
        """
        x = design[self.order]
        of_event, risk, gone, total, means = self._at_risk(x, coefficients, weight)
        expected = risk * self._until((of_event / total)[:, None], gone)[:, 0]
        residuals = (-expected).index_add(0, self.events, of_event)
        at, of_event = x[self.events], of_event[:, None]
        second = x.T @ (x * expected[:, None])
        return (
            ((at - means) * of_event).sum(0),
            second - means.T @ (means * of_event),
            at.T @ (at * of_event) - second,
            torch.empty_like(residuals).index_copy(0, self.order, residuals),
        )

    def information_of(
        self, added: Tensor, design: Tensor, coefficients: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What the information would hold for further covariates, each added alone.

        Args:
            added: (n, q) the further ones.
            design: (n, p) float64 covariates in the order of the table.
            coefficients: (p,) log hazard ratios at which it is taken.
            weight: (n,) weights of the rows; None for 1.

        Returns:
            (q, p) entries with the covariates of the model, (q,) entries on the diagonal.
        """
        x, more = design[self.order], added[self.order]
        of_event, risk, gone, total, means = self._at_risk(x, coefficients, weight)
        expected = (risk * self._until((of_event / total)[:, None], gone)[:, 0])[:, None]
        of_added = self._left(risk[:, None] * more, gone) / total[:, None]
        of_event = of_event[:, None]
        return (
            (more * expected).T @ x - of_added.T @ (means * of_event),
            (more.square() * expected).sum(0) - (of_added.square() * of_event).sum(0),
        )

    def score_residuals(
        self, added: Tensor, design: Tensor, coefficients: Tensor, weight: Tensor | None = None
    ) -> Tensor:
        """(n, q) slopes of the scores of covariates on the weight of each row.

        Args:
            added: (n, q) covariates, in the model or further ones with the coefficient 0.
            design: (n, p) float64 covariates of the model in the order of the table.
            coefficients: (p,) log hazard ratios at which they are taken.
            weight: (n,) weights of the rows; None for 1.
        """
        x, more = design[self.order], added[self.order]
        of_event, risk, gone, total, _ = self._at_risk(x, coefficients, weight)
        means = self._left(risk[:, None] * more, gone) / total[:, None]
        jumps = (of_event / total)[:, None]
        sums = more * self._until(jumps, gone) - self._until(jumps * means, gone)
        residuals = -(x @ coefficients).exp()[:, None] * sums
        residuals = residuals.index_add(0, self.events, more[self.events] - means)
        return torch.empty_like(residuals).index_copy(0, self.order, residuals)

    def _until(self, values: Tensor, gone: Tensor) -> Tensor:
        """(e, k) -> (n, k): for each row the sum over the events that it is at risk in."""
        sums = values.new_zeros(len(self.order), values.shape[1]).index_add(0, self.last, values)
        tied = self._over_ties(gone[:, None] * values)
        return sums.flip(0).cumsum(0).flip(0).index_add(0, self.events, -tied)

    def _left(self, values: Tensor, gone: Tensor) -> Tensor:
        """(n, k) -> (e, k): for each event the sum over the rows at risk."""
        tied = self._over_ties(values[self.events])
        return values.cumsum(0)[self.last] - gone[:, None] * tied

    def _at_risk(
        self, x: Tensor, coefficients: Tensor, weight: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Rows latest first -> what the sums over risk sets are made of.

        Returns:
            (e,) weight of each event, (n,) exp(xb) times the weight, (e,) share of the tied
            events that has left, (e,) sum of exp(xb) at risk, (e, p) mean of x at risk.
        """
        risk = (x @ coefficients).exp()
        of_event = x.new_ones(len(self.events))
        if weight is not None:
            weight = weight[self.order]
            risk, of_event = risk * weight, weight[self.events]
        sums = risk[:, None] * torch.cat([x.new_ones(len(x), 1), x], 1)
        gone = self._gone(of_event.detach())
        left = self._left(sums, gone)
        # where a stratum has nobody at risk, its weight of the event is 0 as well
        total = torch.where(left[:, 0] > 0, left[:, 0], 1.0)
        return of_event, risk, gone, total, left[:, 1:] / total[:, None]

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
