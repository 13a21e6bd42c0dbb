"""Means, SDs and correlations of the design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.calibration.correlation import MIN_SD, correlation, correlation_slopes, standardised
from ck4gen.calibration.stratum_means import StratumMeans
from ck4gen.models.weighted_moments import weighted_mean


@dataclass(frozen=True)
class MomentConditions(Condition):
    """Each moment over its standard error in the real cohort; means are 0 and SDs 1 there.

    Attributes:
        correlation: (p, p) real correlations.
        by_stratum: Means within strata, None without strata.
    """

    correlation: Tensor
    by_stratum: StratumMeans | None = None

    @classmethod
    def of(cls, real: RealCohort) -> MomentConditions:
        """The moments of the real rows."""
        return cls(_correlation(real.table), StratumMeans.of(real.table, real.group))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of means, log SDs and correlations."""
        mean = weighted_mean(table.design, table.weight)
        sd = table.variance.sqrt().clamp_min(MIN_SD)
        gap = (_correlation(table) - self.correlation)[self._above]
        # sqrt(n), sqrt(2n) and sqrt(n): one over the standard errors under normality
        moments = np.sqrt(table.analysis.rows) * torch.cat([mean, np.sqrt(2) * sd.log(), gap])
        if self.by_stratum is None:
            return moments
        return torch.cat([moments, self.by_stratum.errors(table)])

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) in closed form; see :class:`Condition`."""
        design, weight = table.design, table.weight
        mean = (design - weighted_mean(design, weight)) / table.rows
        log_sd = (standardised(design, weight).square() - 1) / (2 * (table.rows - 1))
        gap = correlation_slopes(design, weight, *self._above)
        slopes = np.sqrt(table.analysis.rows) * torch.cat([mean, np.sqrt(2) * log_sd, gap], 1)
        if self.by_stratum is None:
            return slopes
        return torch.cat([slopes, self.by_stratum.slopes(table)], 1)

    @property
    def _above(self) -> tuple[Tensor, Tensor]:
        """Rows and columns above the diagonal."""
        above = torch.triu_indices(len(self.correlation), len(self.correlation), 1)
        return above[0], above[1]

    def to_state(self) -> dict:
        """The correlations, and the means within strata."""
        by_stratum = None if self.by_stratum is None else self.by_stratum.to_state()
        return {"correlation": self.correlation, "by_stratum": by_stratum}

    @classmethod
    def from_state(cls, state: dict) -> MomentConditions:
        """The conditions of :meth:`to_state`."""
        by_stratum = state["by_stratum"]
        made = None if by_stratum is None else StratumMeans(**by_stratum)
        return cls(state["correlation"], made)


def _correlation(table: SyntheticTable) -> Tensor:
    """(p, p) correlations of the design over the rows that count."""
    return correlation(standardised(table.design, table.weight), table.weight)
