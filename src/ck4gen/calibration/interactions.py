"""Interactions of the real table: scores of products of two terms, next to the model's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations, islice, product

import torch
from torch import Tensor

from ck4gen.calibration.added_terms import explained
from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import smallest_cell

BATCH = 256  # products that are looked at together; more take memory, not less time


@dataclass(frozen=True)
class Interactions(Condition):
    """What adding each product of two terms to the model would find, and in the real table does.

    The score of a product at the coefficients of the model, less what the terms themselves
    explain of it, is to first order the product's coefficient in the model with it, over the
    variance of that coefficient (a score test, Rao 1948).

    Attributes:
        left: Place of one term of each product in the design, q of them.
        right: Place of the other.
        explained: (q, p) slopes of the products' scores on the terms'.
        scale: (q,) turns a score per row into standard errors of the product's coefficient.
        target: (q,) the real score per row.
    """

    left: list[int]
    right: list[int]
    explained: Tensor
    scale: Tensor
    target: Tensor

    @classmethod
    def of(cls, real: RealCohort) -> Interactions | None:
        """The products of the real table; None where it has none that can be estimated."""
        x, (score, _, products, _) = real.table.design, real.table.products
        tensors_by_batch = []
        for pairs in batched(_pairs(real.cohort, real.min_events), BATCH):
            left, right = (torch.tensor(columns) for columns in zip(*pairs, strict=True))
            slopes, scale, kept = explained(real, x[:, left] * x[:, right])
            target = (products[left, right] - slopes @ score) / len(real.cohort)
            tensors_by_batch.append([part[kept] for part in (left, right, slopes, scale, target)])
        if not sum(len(part[0]) for part in tensors_by_batch):
            return None
        left, right, *tensors = (torch.cat(parts) for parts in zip(*tensors_by_batch, strict=True))
        return cls(left.tolist(), right.tolist(), *tensors)

    def errors(self, table: SyntheticTable) -> Tensor:
        """(q,) errors of the products' coefficients, in standard errors."""
        score, _, products, _ = table.products
        product_scores = products[self.left, self.right] - self.explained @ score
        return self.scale * (product_scores / table.rows - self.target)

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, q) in closed form; see :class:`Condition`."""
        x, risk = table.design, table.outcomes.whole
        beta = torch.from_numpy(table.analysis.coefficients.to_numpy())
        score, _, products, _ = table.products
        product_scores = products[self.left, self.right] - self.explained @ score
        of_terms = risk.score_residuals(x, x, beta, table.weight) @ self.explained.T
        parts = []
        for batch in torch.arange(len(self.left)).split(BATCH):
            left, right = (torch.tensor(side)[batch] for side in (self.left, self.right))
            parts.append(risk.score_residuals(x[:, left] * x[:, right], x, beta, table.weight))
        return (
            self.scale * (torch.cat(parts, 1) - of_terms - product_scores / table.rows) / table.rows
        )

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> Interactions:
        """The conditions of :meth:`to_state`."""
        return cls(**state)


def _pairs(cohort: WeightedCohort, fewest: int) -> Iterator[list[int]]:
    """Places of the terms of each product with patients enough; products in a column have none."""
    schema, design = cohort.schema, cohort.design
    names, events = schema.design_names, design[cohort.event == 1]
    for first, second in combinations(schema, 2):
        for pair in product(first.design_names, second.design_names):
            binary = [name for name in pair if design[name].isin([0, 1]).all()]
            counted = events if len(binary) == 2 else design  # numerics have events enough
            if not binary or smallest_cell(counted[binary]) >= fewest:
                yield [names.index(name) for name in pair]


def batched(pairs: Iterator[list[int]], size: int) -> Iterator[list[list[int]]]:
    """``size`` pairs at a time (``itertools.batched`` came with Python 3.12)."""
    while some := list(islice(pairs, size)):
        yield some
