"""Correlations of the numerics by their ranks: what a long tail hides in the plain ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.calibration.correlation import correlation, correlation_slopes, standardised
from ck4gen.data.averaged_quantile import averaged_quantile

POINTS = 25  # of a distribution function
FEWEST = 3  # different ones: fewer have no ranks to speak of


@dataclass(frozen=True)
class RankCorrelations(Condition):
    """Correlations of normal scores, of each numeric with each other term.

    A normal score is the normal quantile of a value's rank (van der Waerden 1952), read off a
    distribution function with few points. Over their standard errors without a relation.

    Attributes:
        terms: Places of the numerics in the design.
        values: (q, k) points of their distribution functions, standardised and rising.
        scores: (k,) normal scores at these points.
        target: (q, p) real correlations.
    """

    terms: list[int]
    values: Tensor
    scores: Tensor
    target: Tensor

    @classmethod
    def of(cls, real: RealCohort) -> RankCorrelations | None:
        """The correlations of the real rows; None without a numeric, or with a single term."""
        design, weight = real.table.design.numpy(), real.cohort.weight
        names = real.analysis.schema.design_names
        shares = (np.arange(POINTS) + 0.5) / POINTS
        terms, values = [], []
        for name in real.analysis.schema.of_kind("numeric"):
            if name not in names:
                continue
            column = design[:, names.index(name)]
            knots = [averaged_quantile(column, weight, share, real.group) for share in shares]
            if len({*knots}) >= FEWEST:
                terms.append(names.index(name))
                values.append(np.maximum.accumulate(knots))
        if not terms or len(names) < 2:
            return None
        scores = torch.special.ndtri(torch.from_numpy(shares))
        quantiles = torch.from_numpy(np.array(values))
        empty = torch.zeros(len(terms), len(names), dtype=quantiles.dtype)
        made = cls(terms, quantiles, scores, empty)
        return cls(terms, quantiles, scores, made._all(real.table)[terms])

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) differences of the correlations, in standard errors."""
        gap = (self._all(table)[self.terms] - self.target)[self._pairs()]
        return np.sqrt(table.analysis.rows) * gap

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) in closed form; see :class:`Condition`."""
        rows, right = self._pairs()
        left = torch.tensor(self.terms)[rows]
        slopes = correlation_slopes(self._scored(table), table.weight, left, right)
        return np.sqrt(table.analysis.rows) * slopes

    def _all(self, table: SyntheticTable) -> Tensor:
        """(p, p) correlations of the terms, numerics by their scores."""
        return correlation(standardised(self._scored(table), table.weight), table.weight)

    def _scored(self, table: SyntheticTable) -> Tensor:
        """(n, p) design with the scores of the numerics."""
        columns = list(table.design.unbind(1))
        for term, quantiles in zip(self.terms, self.values, strict=True):
            columns[term] = _interpolated(columns[term], quantiles, self.scores)
        return torch.stack(columns, 1)

    def _pairs(self) -> tuple[Tensor, Tensor]:
        """Rows of ``target`` and terms of the pairs, each once."""
        keep = torch.ones_like(self.target, dtype=torch.bool)
        for row, term in enumerate(self.terms):
            keep[row, self.terms[: row + 1]] = False  # itself, and pairs that stand before
            keep[row, term] = False
        rows, terms = keep.nonzero(as_tuple=True)
        return rows, terms

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> RankCorrelations:
        """The condition of :meth:`to_state`."""
        return cls(**state)


def _interpolated(x: Tensor, knots: Tensor, scores: Tensor) -> Tensor:
    """(n,) values -> (n,) scores, straight between the points and level beyond, with gradient.

    Where points are equal, a value gets the mean of their scores, as tied ranks do.
    """
    distinct, knot_index = knots.unique_consecutive(return_inverse=True)
    count = torch.zeros_like(distinct).index_add(0, knot_index, torch.ones_like(scores))
    score = torch.zeros_like(distinct).index_add(0, knot_index, scores) / count
    x = x.clamp(distinct[0], distinct[-1])
    after = torch.searchsorted(distinct, x.detach().contiguous()).clamp(1, len(distinct) - 1)
    share = (x - distinct[after - 1]) / (distinct[after] - distinct[after - 1])
    return score[after - 1] + share * (score[after] - score[after - 1])
