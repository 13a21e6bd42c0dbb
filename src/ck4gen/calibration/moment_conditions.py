"""Means, SDs and correlations of the design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable

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
        matrix = np.atleast_2d(np.corrcoef(real.design.to_numpy(), rowvar=False))
        return cls(torch.from_numpy(matrix))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of means, log SDs and correlations."""
        design, weight = table.design, table.weight
        mean = design.mean(0) if weight is None else weight @ design / weight.sum()
        sd = table.variance.sqrt().clamp_min(MIN_SD)
        scaled = (design - mean) / sd
        counted = scaled if weight is None else weight[:, None] * scaled
        correlation = counted.T @ scaled / (table.rows - 1)
        above = torch.triu_indices(len(correlation), len(correlation), 1)
        gap = (correlation - self.correlation)[above[0], above[1]]
        # sqrt(n), sqrt(2n) and sqrt(n): one over the standard errors under normality
        return np.sqrt(table.analysis.rows) * torch.cat([mean, np.sqrt(2) * sd.log(), gap])

    def to_state(self) -> dict:
        """The correlations."""
        return {"correlation": self.correlation}

    @classmethod
    def from_state(cls, state: dict) -> MomentConditions:
        """The conditions of :meth:`to_state`."""
        return cls(**state)
