"""Rows with nearly the same outcome, among which a choice is made: outcomes stay as drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import SyntheticOutcomes


@dataclass(frozen=True)
class OutcomeGroups:
    """The rows of a draw in groups of the same stratum and cause, and nearly the same time.

    Attributes:
        code: (n,) number of the group of each row, from 0.
    """

    code: Tensor

    @classmethod
    def of(cls, outcomes: SyntheticOutcomes, size: int) -> OutcomeGroups:
        """Groups of at least ``size`` rows, or all of a stratum and a cause where these are fewer.

        Args:
            outcomes: The outcomes.
            size: Rows of a group.
        """
        stratum = np.zeros(len(outcomes.cause)) if outcomes.stratum is None else outcomes.stratum
        keys = np.stack([stratum, outcomes.cause], 1)
        _, kind, rows = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        order = np.lexsort([outcomes.duration, kind])
        groups = np.maximum(rows // size, 1)
        rank = np.arange(len(kind)) - (rows.cumsum() - rows)[kind[order]]
        within = rank * groups[kind[order]] // rows[kind[order]]
        code = np.empty(len(kind), int)
        code[order] = (groups.cumsum() - groups)[kind[order]] + within
        return cls(torch.from_numpy(code))

    @cached_property
    def rows(self) -> Tensor:
        """(g,) rows of each group."""
        return self.code.bincount()

    def mean(self, values: Tensor) -> Tensor:
        """(n, ...) for each row the mean of its group."""
        sums = values.new_zeros(len(self.rows), *values.shape[1:]).index_add(0, self.code, values)
        return (sums / self.rows.view(-1, *[1] * (values.dim() - 1)))[self.code]

    def highest(self, priority: Tensor, count: int) -> Tensor:
        """(count,) places of the rows with the highest priority, the same share of each group.

        Args:
            priority: (n,) any numbers.
            count: Rows to take of all groups.
        """
        order = priority.argsort(descending=True, stable=True)
        order = order[self.code[order].argsort(stable=True)]
        ends = self.rows.cumsum(0)
        taken = (ends * count).div(len(self.code), rounding_mode="floor")
        quota = torch.diff(taken, prepend=taken.new_zeros(1))
        rank = torch.arange(len(order)) - (ends - self.rows)[self.code[order]]
        return order[rank < quota[self.code[order]]]
