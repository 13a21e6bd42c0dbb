"""The information matrix of the multivariable model, so that standard errors are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable


@dataclass(frozen=True)
class InformationCondition(Condition):
    """Information per row against the real one, whitened: all entries of W I W' - 1.

    sqrt(events / 2) brings it to the scale of a standard error, as for a covariance estimated
    from the events.

    Attributes:
        whitening: (p, p) W, the inverse of the real Cholesky factor.
    """

    whitening: Tensor

    @classmethod
    def of(cls, real: RealCohort) -> InformationCondition | None:
        """The information of the real rows; None of very many terms."""
        if real.analysis.information is None:
            return None
        factor = np.linalg.cholesky(real.analysis.information)
        return cls(torch.from_numpy(np.linalg.inv(factor)))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) upper triangle of the difference."""
        per_row = table.products[1] / table.rows
        if table.analysis.penalizer:
            per_row = per_row + table.analysis.penalizer * table.variance.diag()
        gap = self.whitening @ per_row @ self.whitening.T - torch.eye(len(per_row)).double()
        upper = torch.triu_indices(len(gap), len(gap))
        return np.sqrt(table.analysis.events / 2) * gap[upper[0], upper[1]]

    def to_state(self) -> dict:
        """The whitening."""
        return {"whitening": self.whitening}

    @classmethod
    def from_state(cls, state: dict) -> InformationCondition:
        """The condition of :meth:`to_state`."""
        return cls(**state)
