"""Mean products of three terms, as the generator itself has them in many rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import AT_ONCE, Condition, SyntheticTable

REACH = 3.0  # SDs that a term counts at most: a product of long tails hangs on a few rows
LEAST_SD = 1e-3  # of a product; one that hardly varies is left out


@dataclass(frozen=True)
class TripleProducts(Condition):
    """Third moments of a table against those of the generator, not of the cohort (our choice).

    A table of as many rows as the cohort has third moments that chance moves by a standard error,
    and a search that moves rows for other conditions moves them further. Here they stay near those
    that the generator has on average. It was fitted before, behind the guard, so nothing further
    is taken from the patients.

    Attributes:
        first: (k,) place in the design of the first term of each product.
        second: (k,) of the second one, which may be the same numeric.
        third: (k,) of the third one, likewise.
        mean: (k,) mean of each product in many rows of the generator.
        sd: (k,) SD of each product there.
        rows: Those rows.
    """

    first: Tensor
    second: Tensor
    third: Tensor
    mean: Tensor
    sd: Tensor
    rows: int

    @classmethod
    def of_generator(cls, design: Tensor) -> TripleProducts | None:
        """Of many rows; None where no product varies.

        Args:
            design: (n, p) float64 standardised design.
        """
        columns = torch.arange(design.shape[1])
        first, second, third = torch.combinations(columns, 3, with_replacement=True).T
        binary = torch.tensor([len(column.unique()) <= 2 for column in design.T])
        # x * x follows from x
        alias = (first == second) & binary[first] | (second == third) & binary[second]
        first, second, third = first[~alias], second[~alias], third[~alias]
        ones = design.new_ones(len(design))
        near = design.clamp(-REACH, REACH)
        means, squares = _means(near, ones), _means(near.square(), ones)
        mean, square = means[first, second, third], squares[first, second, third]
        sd = (square - mean.square()).clamp_min(0).sqrt()
        kept = sd > LEAST_SD
        if not kept.any():
            return None
        return cls(first[kept], second[kept], third[kept], mean[kept], sd[kept], len(design))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of the mean products, in standard errors.

        Those of the real number of rows, or of the generator's rows where these are fewer: closer
        than that the generator's own moments are not known.
        """
        rows = min(table.analysis.rows, self.rows)
        means = _means(table.design.clamp(-REACH, REACH), table.weight)[
            self.first, self.second, self.third
        ]
        return np.sqrt(rows) * (means - self.mean) / self.sd

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) in closed form; see :class:`Condition`."""
        near, rows = table.design.clamp(-REACH, REACH), min(table.analysis.rows, self.rows)
        products = near[:, self.first] * near[:, self.second] * near[:, self.third]
        mean = table.weight @ products / table.rows
        return (products - mean) * (np.sqrt(rows) / self.sd / table.rows)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> TripleProducts:
        """The conditions of :meth:`to_state`."""
        return cls(**state)


def _means(design: Tensor, weight: Tensor) -> Tensor:
    """(n, p) design and (n,) weights -> (p, p, p) weighted mean products of any three terms."""
    terms = design.shape[1]
    weighted = weight[:, None] * design / weight.sum()
    sums = design.new_zeros(terms**2, terms)
    for part, of_part in zip(design.split(AT_ONCE), weighted.split(AT_ONCE), strict=True):
        pairs = (part[:, :, None] * part[:, None, :]).reshape(len(part), -1)
        sums = sums + pairs.T @ of_part
    return sums.reshape(terms, terms, terms)
