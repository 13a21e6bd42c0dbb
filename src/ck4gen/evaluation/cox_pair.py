"""The Cox fits of the real and the synthetic table, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ck4gen.data.aliasing import aliased
from ck4gen.survival.cox import CoxError, CoxFit
from ck4gen.survival.cox_data import CoxData


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
        CoxError: The synthetic table holds no events, or not even the ridge gives an estimate.
    """
    design = synthetic.design
    degenerate = [name for name in design if design[name].nunique() < 2]
    kept = [name for name in design if name not in degenerate]
    if not kept:
        raise CoxError("every covariate is constant in the synthetic table")
    try:
        return CoxPair(fitted, synthetic.fit(kept, penalizer), degenerate, False)
    except CoxError:
        dependent = aliased(design[kept])
        kept = [name for name in kept if name not in dependent]
        separated = _separating(synthetic, kept)
        penalised = synthetic.fit(kept, max(penalizer, ridge))
        lost = [n for n in design if n in {*degenerate, *dependent, *separated}]
        return CoxPair(fitted, penalised, lost, True)


def _separating(sample: CoxData, terms: list[str]) -> list[str]:
    """Terms without which the unpenalised model has an estimate; all where no one term is it."""
    found = [name for name in terms if _separated(sample.design[name], sample.event)]
    rest = [name for name in terms if name not in found]
    if _has_estimate(sample, rest):
        return found
    alone = [n for n in rest if _has_estimate(sample, [other for other in rest if other != n])]
    return found + (alone or rest)


def _has_estimate(sample: CoxData, terms: list[str]) -> bool:
    try:
        return not terms or bool(sample.fit(terms))
    except CoxError:
        return False


def _separated(term: pd.Series, event: pd.Series) -> bool:
    """Whether a 0/1 term has no event, or all of them, on one side."""
    return bool(term.isin([0, 1]).all()) and term[event == 1].nunique() < 2
