"""Shares of a table below published quartiles, held together with those of its outcomes."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, SyntheticTable
from ck4gen.calibration.outcome_conditions import OutcomeConditions
from ck4gen.models.weighted_moments import weighted_mean


@dataclass(frozen=True)
class PublishedShares(Condition):
    """Errors of all published shares, each in its standard error.

    Attributes:
        outcomes: Shares with an outcome up to a time.
        below: (m, k) whether each candidate row lies at or below each published quartile.
        share: (k,) share of the patients that does.
        error: (k,) its standard error.
    """

    outcomes: OutcomeConditions
    below: Tensor
    share: Tensor
    error: Tensor

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of the shares, in standard errors."""
        share_errors = (weighted_mean(self.below, table.weight) - self.share) / self.error
        return torch.cat([self.outcomes.errors(table), share_errors])

    def to_state(self) -> dict:
        """The shares."""
        return asdict(self) | {"outcomes": self.outcomes.to_state()}

    @classmethod
    def from_state(cls, state: dict) -> PublishedShares:
        """The condition of :meth:`to_state`."""
        return cls(**state | {"outcomes": OutcomeConditions.from_state(state["outcomes"])})
