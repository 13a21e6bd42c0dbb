"""Interactions of the real table: scores of products of two terms, next to the model's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations, product

import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.models.weighted_moments import weighted_variance
from ck4gen.survival.cox import smallest_cell
from ck4gen.survival.newton import MAX_STANDARD_ERROR

ALIASED = 1e-9  # eigenvalues below this share of the largest one belong to aliased terms


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
        cohort, weight = real.cohort, real.table.weight
        x, risk, rows = real.table.design, real.table.outcomes.whole, len(real.cohort)
        beta = torch.from_numpy(real.analysis.coefficients.to_numpy())
        score, information, products = real.table.products
        # a ridge allows aliased terms; their slopes are then the shortest ones
        inverse = torch.linalg.pinv(information, rtol=ALIASED, hermitian=True)
        beta = torch.cat([beta, beta.new_zeros(1)])
        found = []
        for at in _pairs(cohort, real.min_events):
            added = x[:, at].prod(1, keepdim=True)
            wide = risk.products(torch.cat([x, added], 1), beta, weight)[1]
            cross, own = wide[-1, :-1], wide[-1, -1]
            slopes = inverse @ cross
            left_over = own - slopes @ cross
            if left_over * MAX_STANDARD_ERROR**2 > weighted_variance(
                added, weight
            ):  # as a model that has an estimate
                target = (products[at[0], at[1]] - slopes @ score) / rows
                found.append((*at, slopes, rows / left_over.sqrt(), target))
        if not found:
            return None
        left, right, *tensors = zip(*found, strict=True)
        return cls(list(left), list(right), *(torch.stack(t) for t in tensors))

    def errors(self, table: SyntheticTable) -> Tensor:
        """(q,) errors of the products' coefficients, in standard errors."""
        score, _, products = table.products
        own = products[self.left, self.right] - self.explained @ score
        return self.scale * (own / table.rows - self.target)

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
