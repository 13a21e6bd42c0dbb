"""The Cox fits of the real and the synthetic table, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.survival.cox import CoxError, CoxFit
from ck4gen.survival.cox_data import CoxData
from ck4gen.survival.fit_around import fit_around


@dataclass(frozen=True)
class CoxPair:
    """Cox fits of both tables.

    Attributes:
        degenerate: Terms without a finite estimate in the synthetic table: constant, aliased or
            separated. They count as misses in every share.
        ridge: Whether the synthetic fit needed a small ridge because of them.
        caveat: The degenerate terms in words, None where there are none.
    """

    real: CoxFit
    synthetic: CoxFit
    degenerate: list[str]
    ridge: bool

    @property
    def caveat(self) -> str | None:  # noqa: D102
        if not self.degenerate:
            return None
        return f"no estimate for {', '.join(self.degenerate)}" + " (small ridge)" * self.ridge


def fit_pair(fitted: CoxFit, synthetic: CoxData, penalizer: float, ridge: float) -> CoxPair:
    """Fit the synthetic table and set it beside the real fit.

    Args:
        fitted: The real fit.
        synthetic: The synthetic table.
        penalizer: Ridge of the real fit.
        ridge: The least ridge where that gives no estimate.

    Raises:
        CoxError: The synthetic table holds no events or, without a ridge of the real fit, no more
            rows than terms; or not even the ridge gives an estimate.
    """
    rows, terms = synthetic.design.shape
    if not penalizer and rows <= terms:
        raise CoxError(f"{rows} rows are too few for {terms} terms")
    outcome = synthetic.duration, synthetic.event
    at_risk = synthetic.stratum, synthetic.entry
    around = fit_around(synthetic.design, *outcome, penalizer, ridge, *at_risk)
    return CoxPair(fitted, around.fit, around.degenerate, around.ridge)
