"""Curved effects of the numerics: scores of bends that are added to the model."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from ck4gen.calibration.added_terms import explained
from ck4gen.calibration.condition import Condition, RealCohort, SyntheticTable
from ck4gen.data.averaged_quantile import averaged_quantile

SHARES = (0.05, 1 / 3, 2 / 3, 0.95)  # of the knots: both ends, and the thirds


@dataclass(frozen=True)
class CurvedEffects(Condition):
    """What a bend in the effect of a numeric would find, and in the real table does.

    A bend is max(z - knot, 0) beside the model. What the terms explain of it, its slopes on them,
    is taken off. The score of the rest is to first order the bend's coefficient in the model with
    it, over the variance of that coefficient (a score test, Rao 1948).

    Attributes:
        terms: Place of the numeric of each bend in the design, q of them.
        knots: (q,) where it bends, standardised.
        explained: (q, p) slopes of the bends on the terms.
        scale: (q,) turns a score per row into standard errors of the bend's coefficient.
        target: (q,) the real score per row.
    """

    terms: list[int]
    knots: Tensor
    explained: Tensor
    scale: Tensor
    target: Tensor

    @classmethod
    def of(cls, real: RealCohort) -> CurvedEffects | None:
        """The bends of the real table; None where it has none that can be estimated."""
        bends = sorted(_bends(real))
        if not bends:
            return None
        terms, knots = zip(*bends, strict=True)
        knot_values = torch.tensor(knots, dtype=real.table.design.dtype)
        added = (real.table.design[:, list(terms)] - knot_values).clamp_min(0)
        slopes, scale, kept = explained(real, added)
        if not kept.any():
            return None
        kept_terms = [term for term, has_estimate in zip(terms, kept, strict=True) if has_estimate]
        made = cls(
            kept_terms,
            knot_values[kept],
            slopes[kept],
            scale[kept],
            torch.zeros_like(knot_values[kept]),
        )
        target = made._scores(real.table) / len(real.cohort)
        return cls(kept_terms, made.knots, made.explained, made.scale, target)

    def errors(self, table: SyntheticTable) -> Tensor:
        """(q,) errors of the bends' coefficients, in standard errors."""
        return self.scale * (self._scores(table) / table.rows - self.target)

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, q) in closed form; see :class:`Condition`."""
        beta = torch.from_numpy(table.analysis.coefficients.to_numpy())
        rest, whole = self._rest(table.design), table.outcomes.whole
        residuals = whole.score_residuals(rest, table.design, beta, table.weight)
        return self.scale * (residuals - self._scores(table) / table.rows) / table.rows

    def _scores(self, table: SyntheticTable) -> Tensor:
        """(q,) scores of the bends, less what the terms explain."""
        residuals = table.products[-1]
        return self._rest(table.design).T @ residuals

    def _rest(self, design: Tensor) -> Tensor:
        """(n, p) design -> (n, q) bends, less what the terms explain."""
        return (design[:, self.terms] - self.knots).clamp_min(0) - design @ self.explained.T

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> CurvedEffects:
        """The conditions of :meth:`to_state`."""
        return cls(**state)


def _bends(real: RealCohort) -> set[tuple[int, float]]:
    """Place and knot of each bend with patients enough on both sides."""
    names, bends = real.analysis.schema.design_names, set()
    for name in real.analysis.schema.of_kind("numeric"):
        if name not in names:
            continue  # it follows from other columns
        column = real.table.design[:, names.index(name)].numpy()
        for share in SHARES:
            knot = averaged_quantile(column, real.cohort.weight, share, real.group)
            above = int((column > knot).sum())
            if min(above, len(column) - above) >= real.min_events:
                bends.add((names.index(name), knot))
    return bends
