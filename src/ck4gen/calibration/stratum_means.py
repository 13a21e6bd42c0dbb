"""Means of the design within strata, which have no term in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import SyntheticTable
from ck4gen.models.weighted_moments import weighted_mean


@dataclass(frozen=True)
class StratumMeans:
    """Mean product of each term with the indicator of each stratum, part of the moments.

    Attributes:
        strata: Numbers of the strata.
        scale: (s,) SD of each indicator.
        target: (s, p) real mean products.
    """

    strata: list[int]
    scale: Tensor
    target: Tensor

    @classmethod
    def of(cls, real: SyntheticTable, fewest: int) -> StratumMeans | None:
        """Those of strata with ``fewest`` real rows; None without any."""
        if real.outcomes.stratum is None:
            return None
        numbers, rows = np.unique(real.outcomes.stratum, return_counts=True)
        strata = numbers[rows >= fewest].tolist()
        if not strata:
            return None
        share = weighted_mean(_indicators(strata, real), real.weight)
        empty = share.new_zeros(len(strata), real.design.shape[1])
        made = cls(strata, (share * (1 - share)).sqrt().clamp_min(1e-12), empty)
        return cls(strata, made.scale, made._products(real))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences, in standard errors where the strata are alike."""
        gap = (self._products(table) - self.target) / self.scale[:, None]
        return np.sqrt(table.analysis.rows) * gap.flatten()

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) slopes of the errors on the weight of each row."""
        each = _indicators(self.strata, table)[:, :, None] * table.design[:, None, :]
        gap = (each - self._products(table)) / self.scale[:, None] / table.rows
        return np.sqrt(table.analysis.rows) * gap.flatten(1)

    def _products(self, table: SyntheticTable) -> Tensor:
        """(s, p) mean products."""
        weighted = _indicators(self.strata, table) * table.weight[:, None]
        return weighted.T @ table.design / table.rows

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)


def _indicators(strata: list[int], table: SyntheticTable) -> Tensor:
    """(n, s) 1 for the stratum of a row."""
    inside = np.asarray(table.outcomes.stratum)[:, None] == np.array(strata)
    return torch.from_numpy(inside.astype(float))
