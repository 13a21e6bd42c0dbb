"""Interactions of the real table: scores of products of two terms, next to the model's own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.models.score import RiskSets

SMALLEST_SHARE = 1e-6  # of a product's information, beyond which the terms explain all of it


@dataclass(frozen=True)
class ProductScores:
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
    def of(
        cls,
        train: pd.DataFrame,
        schema: Schema,
        design: pd.DataFrame,
        coefficients: pd.Series,
        min_events: int,
    ) -> ProductScores | None:
        """The products of the real table; None where it has none with events enough.

        Args:
            train: The real rows.
            schema: Their columns.
            design: Their standardised design.
            coefficients: Log hazard ratios of the multivariable model.
            min_events: Real events in each cell of two 0/1 terms that a product needs.
        """
        x, beta = torch.from_numpy(design.to_numpy()), torch.from_numpy(coefficients.to_numpy())
        risk, rows = RiskSets(train[DURATION].to_numpy(), train[EVENT].to_numpy()), len(train)
        _, products = risk.products(x, beta)
        score = risk.score(x, beta)
        happened = schema.design(train)[train[EVENT].to_numpy() == 1]
        found = []
        for first, second in combinations(schema, 2):
            for left in first.design_names:
                for right in second.design_names:
                    if _fewest(happened[left], happened[right]) < min_events:
                        continue
                    at = [design.columns.get_loc(name) for name in (left, right)]
                    wide = torch.cat([x, x[:, at].prod(1, keepdim=True)], 1)
                    information, _ = risk.products(wide, torch.cat([beta, beta.new_zeros(1)]))
                    cross, own = information[-1, :-1], information[-1, -1]
                    slopes = torch.linalg.solve(information[:-1, :-1], cross)
                    left_over = own - slopes @ cross
                    if left_over > SMALLEST_SHARE * own:
                        target = (products[at[0], at[1]] - slopes @ score) / rows
                        found.append((*at, slopes, rows / left_over.sqrt(), target))
        if not found:
            return None
        left, right, *tensors = zip(*found, strict=True)
        return cls(list(left), list(right), *(torch.stack(t) for t in tensors))

    def errors(self, score: Tensor, products: Tensor, rows: Tensor | int) -> Tensor:
        """(p,) score of the terms, (p, p) of their products -> (q,) errors in standard errors."""
        own = products[self.left, self.right] - self.explained @ score
        return self.scale * (own / rows - self.target)

    def state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)


def _fewest(left: pd.Series, right: pd.Series) -> float:
    """Fewest events in a cell of two 0/1 terms; numerics have cells enough."""
    if not np.isin([left, right], [0, 1]).all():
        return np.inf
    cells = 2 * left.to_numpy(int) + right.to_numpy(int)
    return np.bincount(cells, minlength=4).min()
