"""How many patients had the event, and how many were censored, up to a few times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.averaged_quantile import averaged_quantile
from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.models.weighted_moments import weighted_mean


@dataclass(frozen=True)
class OutcomeShare:
    """Share of the real rows with one kind of outcome up to a time.

    Attributes:
        kind: 1 = event, 0 = censored, 2, 3, ... = another cause.
        until: The time.
        share: Of all rows.
        error: Its standard error.
    """

    kind: int
    until: float
    share: float
    error: float


@dataclass(frozen=True)
class OutcomeConditions(Condition):
    """Shares of a synthetic table against the real ones."""

    shares: list[OutcomeShare]

    @classmethod
    def of(cls, real: RealCohort) -> OutcomeConditions | None:
        """The shares of the real rows; None where nothing varies."""
        shares = list(outcome_shares(real.cohort, real.points, real.group))
        return cls(shares) if shares else None

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of the shares, in standard errors."""
        duration, cause = table.outcomes.duration, table.outcomes.cause
        inside = np.stack([(cause == s.kind) & (duration <= s.until) for s in self.shares], 1)
        synthetic = weighted_mean(torch.from_numpy(inside.astype(float)), table.weight)
        real = torch.tensor([s.share for s in self.shares], dtype=torch.float64)
        error = torch.tensor([s.error for s in self.shares], dtype=torch.float64)
        return (synthetic - real) / error

    def to_state(self) -> dict:
        """The shares."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> OutcomeConditions:
        """The conditions of :meth:`to_state`."""
        return cls([OutcomeShare(**share) for share in state["shares"]])


def outcome_shares(cohort: WeightedCohort, points: int, group: int) -> Iterator[OutcomeShare]:
    """Every kind at ``points`` quantiles of their times, the whole follow-up being the last.

    Together they are the Kaplan-Meier curves of event and of censoring at these times.

    Args:
        cohort: The real rows and their weights.
        points: Times for each kind.
        group: Neighbours averaged in a quantile.
    """
    duration, cause, weight = cohort.duration, cohort.cause, cohort.weight
    for kind in (1, 0, *cohort.schema.competing):
        alike = cause == kind
        for point in range(1, points + 1):
            until = np.inf
            if alike.any() and point < points:
                until = averaged_quantile(duration[alike], weight[alike], point / points, group)
            share = float(np.average(alike & (duration <= until), weights=weight))
            if 0 < share < 1:
                error = np.sqrt(share * (1 - share) / len(duration))
                yield OutcomeShare(kind, until, share, float(error))
