"""Shares of rows below some values of each numeric, as the generator itself has them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import AT_ONCE, Condition, SyntheticTable

SHARES = tuple(k / 10 for k in range(1, 10))  # at whose quantiles rows are counted
WIDTH = 0.3  # SDs around a value within which a row that moves changes the share below it


@dataclass(frozen=True)
class ColumnShares(Condition):
    """Distribution functions of a table's numerics against those of the generator (our choice).

    A search that bends an effect finds it easiest to bunch rows where the bend is: means and SDs
    stay, and the column is another one. Here the share of rows below each tenth stays within the
    chance of a draw. The generator was fitted before, behind the guard, so nothing further is
    taken from the patients.

    Attributes:
        term: (k,) place in the design of each numeric.
        cut: (k,) value of it, standardised, that no row has.
        share: (k,) share of many rows of the generator below it.
        rows: Those rows.
    """

    term: Tensor
    cut: Tensor
    share: Tensor
    rows: int

    @classmethod
    def of_generator(cls, design: Tensor) -> ColumnShares | None:
        """Of many rows; None where no term has more than two values.

        Args:
            design: (n, p) float64 standardised design.
        """
        term_cuts = [
            (index, cut) for index in range(design.shape[1]) for cut in _cuts(design[:, index])
        ]
        if not term_cuts:
            return None
        term = torch.tensor([index for index, _ in term_cuts])
        cut = torch.tensor([cut for _, cut in term_cuts], dtype=design.dtype)
        share = (design[:, term] < cut).to(design).mean(0)
        return cls(term, cut, share, len(design))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of the shares, in standard errors of the real number of rows.

        They are exact. A row has the gradient of one that is spread over a stretch around it.
        """
        if not table.design.requires_grad:
            return self._scale(table) * (self._counted(table) / table.rows - self.share)
        values = table.design[:, self.term]
        away = (values - self.cut).detach() / WIDTH
        soft = -(1 - away.abs()).clamp_min(0) / WIDTH * values
        below = (away < 0).to(values) + (soft - soft.detach())
        return self._scale(table) * (table.weight @ below / table.rows - self.share)

    def _counted(self, table: SyntheticTable) -> Tensor:
        """(k,) weight of the rows below each value, whose design stays as it is."""
        parts = zip(table.weight.split(AT_ONCE), table.design.split(AT_ONCE), strict=True)
        sums = [weight @ (design[:, self.term] < self.cut).to(design) for weight, design in parts]
        return sums[0] if len(sums) == 1 else torch.stack(sums).sum(0)

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) in closed form; see :class:`Condition`."""
        below = (table.design[:, self.term] < self.cut).to(table.design)
        return self._scale(table) * (below - table.weight @ below / table.rows) / table.rows

    def _scale(self, table: SyntheticTable) -> Tensor:
        """(k,) what makes standard errors of differences of shares."""
        rows = min(table.analysis.rows, self.rows)  # nor are they known closer of the generator
        return np.sqrt(rows) / (self.share * (1 - self.share)).sqrt()

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> ColumnShares:
        """The conditions of :meth:`to_state`."""
        return cls(**state)


def _cuts(column: Tensor) -> list[float]:
    """Middles between the quantiles of a column and the next greater value that occurs."""
    values = column.unique()
    if len(values) <= 2:
        return []
    tenths = torch.quantile(column, column.new_tensor(SHARES), interpolation="lower").unique()
    indices = torch.searchsorted(values, tenths)
    indices = indices[indices < len(values) - 1]
    return ((values[indices] + values[indices + 1]) / 2).tolist()
