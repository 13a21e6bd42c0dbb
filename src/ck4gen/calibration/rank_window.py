"""Rows near each other in one entry of the record: what a small move does to ranks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

A_SIDE = 2  # a row has so many neighbours on either side, however far they are


class RankWindow:
    """The rows near each row.

    Args:
        entry: (n,) entry of the record.
        reach: How far neighbours are, in SDs of the entry.
    """

    def __init__(self, entry: np.ndarray, reach: float) -> None:
        self.order = np.argsort(entry, kind="stable")
        self.place = np.argsort(self.order)
        self.sorted = x = entry[self.order]
        at, width = np.arange(len(x)), reach * x.std()
        first = np.searchsorted(x, x - width)
        last = np.searchsorted(x, x + width, "right") - 1
        self.first = np.minimum(first, at - A_SIDE).clip(min=0)
        self.last = np.maximum(last, at + A_SIDE).clip(max=len(x) - 1)

    def slope(self, value: np.ndarray) -> np.ndarray:
        """(n,) values in the order of the entry -> (n,) their slope on it, over the neighbours."""
        x, y = self.sorted, np.sort(value)
        run, rise = (v[self.last] - v[self.first] for v in (x, y))
        return np.divide(rise, run, out=np.zeros(len(x)), where=run > 0)[self.place]

    def mean(self, values: Tensor) -> Tensor:
        """(n,) -> (n,) mean over the neighbours, the row among them; differentiable."""
        sums = torch.cat([values.new_zeros(1), values[self.order].cumsum(0)])
        counts = torch.from_numpy(self.last + 1 - self.first)
        return ((sums[self.last + 1] - sums[self.first]) / counts)[self.place]
