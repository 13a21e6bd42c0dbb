"""How many patients had the event, and how many were censored, up to a few times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor


def averaged_quantile(times: np.ndarray, share: float, group: int) -> float:
    """A quantile as the mean of ``group`` neighbours, since by itself it is the time of a patient.

    Args:
        times: (n,) sorted times.
        share: Of them that lie below, between 0 and 1.
        group: Neighbours averaged, fewer where there are fewer.
    """
    first = max(0, int((len(times) - group) * share))
    return float(times[first : first + group].mean())


@dataclass(frozen=True)
class OutcomeCondition:
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

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)


def outcome_conditions(
    duration: np.ndarray, event: np.ndarray, points: int, group: int
) -> Iterator[OutcomeCondition]:
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
                yield OutcomeCondition(kind, until, share, float(error))


def outcome_errors(
    shares: list[OutcomeCondition], duration: np.ndarray, event: np.ndarray, weight: Tensor | None
) -> Tensor:
    """(k,) differences of a synthetic table from the real shares, in standard errors."""
    inside = np.stack([(event == s.kind) & (duration <= s.until) for s in shares], 1)
    rows = torch.from_numpy(inside.astype(float))
    found = rows.mean(0) if weight is None else weight @ rows / weight.sum()
    real = torch.tensor([s.share for s in shares], dtype=torch.float64)
    return (found - real) / torch.tensor([s.error for s in shares], dtype=torch.float64)
