"""A Cox model of a synthetic table, around the terms that have no estimate in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from ck4gen.data.aliasing import aliased
from ck4gen.survival.cox import CoxError, CoxFit, fit_cox

STRONGER = 4  # times that a ridge is made ten times as strong
Fit = Callable[..., CoxFit]  # of a design


@dataclass(frozen=True)
class FitAround:
    """A fit and the terms that it goes without.

    Attributes:
        fit: The model of the other terms, and of separated ones by their ridge.
        degenerate: Terms without a finite estimate: constant, aliased or separated.
        ridge: Whether the fit needed a small ridge because of them.
    """

    fit: CoxFit
    degenerate: list[str]
    ridge: bool


def fit_around(
    design: pd.DataFrame,
    duration: pd.Series,
    event: pd.Series,
    penalizer: float,
    ridge: float,
    strata: pd.Series | np.ndarray | None = None,
    entry: pd.Series | np.ndarray | None = None,
) -> FitAround:
    """Fit a table whose levels may be too few, empty, or without an event.

    Args:
        design: (n, q) float design.
        duration: (n,) times.
        event: (n,) events.
        penalizer: Ridge of the model, see :func:`fit_cox`.
        ridge: The least ridge where that gives no estimate; small tables may need a stronger one.
        strata: (n,) strata.
        entry: (n,) times after which a row is at risk.

    Raises:
        CoxError: The table holds no events, or not even the ridge gives an estimate.
    """
    constant = [name for name in design if design[name].nunique() < 2]
    kept = [name for name in design if name not in constant]
    if not kept:
        raise CoxError("every covariate is constant in the synthetic table")
    fit = partial(fit_cox, duration=duration, event=event, strata=strata, entry=entry)
    try:
        return FitAround(fit(design[kept], penalizer=penalizer), constant, False)
    except CoxError:
        dependent = aliased(design[kept])
        kept = [name for name in kept if name not in dependent]
        separated = _separating(design[kept], event, fit)
        penalised = _penalised(design[kept], fit, max(penalizer, ridge))
        lost = [name for name in design if name in {*constant, *dependent, *separated}]
        return FitAround(penalised, lost, True)


def _penalised(design: pd.DataFrame, fit: Fit, ridge: float) -> CoxFit:
    """The fit under the ridge, or under the least of ten, a hundred ... times it that gives one."""
    for _ in range(STRONGER):
        try:
            return fit(design, penalizer=ridge)
        except CoxError:
            ridge *= 10
    return fit(design, penalizer=ridge)


def _separating(design: pd.DataFrame, event: pd.Series, fit: Fit) -> list[str]:
    """Terms without which the unpenalised model has an estimate; all where no one term is it."""

    def has_estimate(terms: list[str]) -> bool:
        try:
            return not terms or bool(fit(design[terms]))
        except CoxError:
            return False

    separating = [name for name in design if _separated(design[name], event)]
    rest = [name for name in design if name not in separating]
    if len(rest) > len(design):  # without a ridge such a model has none, whichever is left out
        return separating + rest
    if has_estimate(rest):
        return separating
    alone = [name for name in rest if has_estimate([other for other in rest if other != name])]
    return separating + (alone or rest)


def _separated(term: pd.Series, event: pd.Series) -> bool:
    """Whether a term of two values has no event, or all of them, on one side."""
    return term.nunique() == 2 and term[event == 1].nunique() < 2
