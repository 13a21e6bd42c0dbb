"""Means, SDs and correlations of the design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.models.weighted_moments import weighted_mean

MIN_SD = 1e-6  # a term that does not vary has no correlation


@dataclass(frozen=True)
class MomentConditions(Condition):
    """Each moment over its standard error in the real cohort; means are 0 and SDs 1 there.

    Attributes:
        correlation: (p, p) real correlations.
    """

    correlation: Tensor

    @classmethod
    def of(cls, real: RealCohort) -> MomentConditions:
        """The moments of the real rows."""
        return cls(_correlation(real.table))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of means, log SDs and correlations."""
        mean = weighted_mean(table.design, table.weight)
        sd = table.variance.sqrt().clamp_min(MIN_SD)
        gap = _correlation(table) - self.correlation
        above = torch.triu_indices(len(gap), len(gap), 1)
        gap = gap[above[0], above[1]]
        # sqrt(n), sqrt(2n) and sqrt(n): one over the standard errors under normality
        return np.sqrt(table.analysis.rows) * torch.cat([mean, np.sqrt(2) * sd.log(), gap])

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) in closed form; see :class:`Condition`."""
        deviation = table.design - weighted_mean(table.design, table.weight)
        z = deviation / table.variance.sqrt().clamp_min(MIN_SD)
        log_sd = (z.square() - 1) / (2 * (table.rows - 1))
        correlation = _correlation(table)
        left, right = torch.triu_indices(z.shape[1], z.shape[1], 1)
        known = correlation[left, right]
        gap = (z[:, left] * z[:, right] - known) / (table.rows - 1)
        gap -= known * (log_sd[:, left] + log_sd[:, right])
        parts = deviation / table.rows, np.sqrt(2) * log_sd, gap
        return np.sqrt(table.analysis.rows) * torch.cat(parts, 1)

    def to_state(self) -> dict:
        """The correlations."""
        return {"correlation": self.correlation}

    @classmethod
    def from_state(cls, state: dict) -> MomentConditions:
        """The conditions of :meth:`to_state`."""
        return cls(**state)


def _correlation(table: SyntheticTable) -> Tensor:
    """(p, p) correlations of the design over the rows that count."""
    deviation = table.design - weighted_mean(table.design, table.weight)
    scaled = deviation / table.variance.sqrt().clamp_min(MIN_SD)
    return (table.weight[:, None] * scaled).T @ scaled / (table.rows - 1)
