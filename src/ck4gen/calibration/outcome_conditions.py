"""How many patients had the event, and how many were censored, up to a few times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.averaged_quantile import averaged_quantile
from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.data.schema import DURATION, EVENT


@dataclass(frozen=True)
class OutcomeShare:
    """Share of the real rows with one kind of outcome up to a time.

    Attributes:
        kind: 1 = event, 0 = censored.
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
        outcome = real.train[DURATION].to_numpy(float), real.train[EVENT].to_numpy()
        shares = list(outcome_shares(*outcome, real.points, real.group))
        return cls(shares) if shares else None

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of the shares, in standard errors."""
        duration, event = table.outcomes.duration, table.outcomes.event
        inside = np.stack([(event == s.kind) & (duration <= s.until) for s in self.shares], 1)
        rows, weight = torch.from_numpy(inside.astype(float)), table.weight
        synthetic = rows.mean(0) if weight is None else weight @ rows / weight.sum()
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


def outcome_shares(
    duration: np.ndarray, event: np.ndarray, points: int, group: int
) -> Iterator[OutcomeShare]:
    """Both kinds at ``points`` quantiles of their times, the whole follow-up being the last.

    Together they are the Kaplan-Meier curves of event and of censoring at these times.

    Args:
        duration: (n,) real times.
        event: (n,) real events.
        points: Times for each kind.
        group: Neighbours averaged in a quantile.
    """
    for kind in (1, 0):
        times = np.sort(duration[event == kind])
        for point in range(1, points + 1):
            until = np.inf
            if len(times) and point < points:
                until = averaged_quantile(times, point / points, group)
            share = float(((event == kind) & (duration <= until)).mean())
            if 0 < share < 1:
                error = np.sqrt(share * (1 - share) / len(duration))
                yield OutcomeShare(kind, until, share, float(error))
