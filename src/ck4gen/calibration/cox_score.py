"""The score of the Cox partial likelihood as a function of the design, with gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class _Away:
    """Rows that are not at risk at an event, but in the cumulative sum up to it.

    Attributes:
        order: (n,) places in the sorted table in another order; None for its own.
        count: (e,) how many rows of that order each event is without.
        sign: 1, or -1 where the rows are back in.
    """

    order: Tensor | None
    count: Tensor
    sign: int = 1

    def left(self, values: Tensor) -> Tensor:
        """(n, k) -> (e, k): for each event the sum over these rows."""
        if self.order is not None:
            values = values[self.order]
        sums = torch.cat([values.new_zeros(1, values.shape[1]), values.cumsum(0)])
        return self.sign * sums[self.count]

    def until(self, values: Tensor, rows: int) -> Tensor:
        """(e, k) -> (n, k): for each row the sum over the events that are without it."""
        sums = values.new_zeros(rows + 1, values.shape[1]).index_add(0, self.count, values)
        sums = self.sign * sums.flip(0).cumsum(0).flip(0)[1:]
        return (
            sums if self.order is None else torch.empty_like(sums).index_copy(0, self.order, sums)
        )


def _not_entered(keys: np.ndarray, event_rows: np.ndarray, entry: np.ndarray) -> list[_Away]:
    """Rows of the same stratum that are not yet under observation at each event.

    Args:
        keys: (n, 2) stratum and minus the duration of each row, sorted.
        event_rows: (e,) places of the events.
        entry: (n,) entry times in the same order.
    """
    order = np.lexsort((-entry, keys[:, 0]))
    ranks = _ranks(np.vstack([np.column_stack([keys[:, 0], -entry])[order], keys[event_rows]]))
    late = np.searchsorted(ranks[: len(keys)], ranks[len(keys) :], "right")
    begin = np.searchsorted(keys[:, 0], keys[event_rows, 0])
    later = torch.from_numpy(order)
    away = [_Away(later, torch.from_numpy(late))]
    if begin.any():  # those of the strata before are in no sum of this one
        away.append(_Away(later, torch.from_numpy(begin), sign=-1))
    return away


def _ranks(keys: np.ndarray) -> np.ndarray:
    """(n, 2) pairs -> (n,) their ranks, equal for equal pairs."""
    order = np.lexsort(keys.T[::-1])
    ordered, ranks = keys[order], np.empty(len(keys), int)
    ranks[order] = np.r_[0, (ordered[1:] != ordered[:-1]).any(axis=1)].cumsum()
    return ranks


class RiskSets:
    """Who is at risk when somebody has the event, for tables whose outcomes stay as they are.

    Args:
        duration: (n,) times.
        event: (n,) 1 = event, 0 = censored.
        strata: (n,) numbers of the strata, whose risk sets are apart; None for one stratum.
        entry: (n,) times after which a row is at risk; None for always.
    """

    def __init__(
        self,
        duration: np.ndarray,
        event: np.ndarray,
        strata: np.ndarray | None = None,
        entry: np.ndarray | None = None,
    ) -> None:
        duration, event = np.asarray(duration, float), np.asarray(event, bool)
        stratum = np.zeros(len(duration), int) if strata is None else np.asarray(strata)
        # by stratum, latest first: cumulative sums are risk sets
        order = np.lexsort((-duration, stratum))
        event_rows = np.flatnonzero(event[order])
        keys = np.column_stack([stratum, -duration])[order]
        ranks = _ranks(keys)
        self.order = torch.from_numpy(order)
        self.events = torch.from_numpy(event_rows)  # places in the sorted table
        last = np.searchsorted(ranks, ranks[event_rows], "right") - 1
        self.last = torch.from_numpy(last)
        _, tie = np.unique(ranks[event_rows], return_inverse=True)
        self.tied = torch.from_numpy(tie)
        self.first = torch.from_numpy(np.searchsorted(tie, tie))  # first event of the tie
        self.groups = len({*tie})
        # what these sums hold of others: rows of the strata before, and rows that enter later
        self.away: list[_Away] = []
        if strata is not None:
            begin = np.searchsorted(keys[:, 0], keys[event_rows, 0])
            self.away.append(_Away(None, torch.from_numpy(begin)))
        if entry is not None:
            self.away += _not_entered(keys, event_rows, np.asarray(entry, float)[order])

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
        event_design, of_event = x[self.events], of_event[:, None]
        second = x.T @ (x * expected[:, None])
        return (
            ((event_design - means) * of_event).sum(0),
            second - means.T @ (means * of_event),
            event_design.T @ (event_design * of_event) - second,
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
        until = sums.flip(0).cumsum(0).flip(0).index_add(0, self.events, -tied)
        for away in self.away:
            until = until - away.until(values, len(until))
        return until

    def _left(self, values: Tensor, gone: Tensor) -> Tensor:
        """(n, k) -> (e, k): for each event the sum over the rows at risk."""
        tied = self._over_ties(values[self.events])
        left = values.cumsum(0)[self.last] - gone[:, None] * tied
        for away in self.away:
            left = left - away.left(values)
        return left

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
