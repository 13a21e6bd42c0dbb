"""Estimates of an analysis by name, and how far those of two tables are apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.survival.cox import CoxError, CoxFit
from ck4gen.survival.cox_data import CoxData

ESTIMATE, STANDARD_ERROR = "estimate", "standard_error"
NO_MODEL = "no such model has an estimate"
CoxModel = tuple[str, CoxData, list[str]]  # a name, the data, the terms that are compared


def named(names: Iterable[str], values: np.ndarray, standard_errors: np.ndarray) -> pd.DataFrame:
    """Estimates and their standard errors, indexed by name."""
    columns = {ESTIMATE: np.ravel(values), STANDARD_ERROR: np.ravel(standard_errors)}
    return pd.DataFrame(columns, index=pd.Index(list(names), name="name"), dtype=float)


def joined(parts: Iterable[pd.DataFrame], otherwise: str) -> pd.DataFrame:
    """The estimates of several models or groups.

    Raises:
        ValueError: There are none; ``otherwise`` says why.
    """
    if not (frames := list(parts)):
        raise ValueError(otherwise)
    return pd.concat(frames)


def of_cox_models(models: Iterator[CoxModel]) -> pd.DataFrame:
    """Log hazard ratios of some models; one without a finite solution is left out.

    Raises:
        ValueError: No model has one.
    """
    return joined(_fitted(models), NO_MODEL)


def _fitted(models: Iterator[CoxModel]) -> Iterator[pd.DataFrame]:
    for name, data, terms in models:
        try:
            yield of_cox_fit(name, data.fit(), terms)
        except CoxError:
            continue


def of_cox_fit(name: str, fit: CoxFit, terms: list[str]) -> pd.DataFrame:
    """Log hazard ratios of some terms of a model, as ``name: term``."""
    return named(
        (f"{name}: {term}" for term in terms),
        fit.coefficients[terms].to_numpy(),
        fit.standard_errors[terms].to_numpy(),
    )


def root_mean_square(real: pd.DataFrame, other: pd.DataFrame) -> Metric:
    """Root mean square over estimates of (other - real) / real standard error; ideal 0."""
    errors, caveat = _errors(real, other)
    return number(np.sqrt(np.mean(errors**2)), reason=caveat)


def largest(real: pd.DataFrame, other: pd.DataFrame) -> Metric:
    """Largest |other - real| / real standard error; ideal 0."""
    errors, caveat = _errors(real, other)
    return number(np.max(np.abs(errors)), reason=caveat)


def share_equal(real: pd.DataFrame, other: pd.DataFrame) -> Metric:
    """Share of the real verdicts that the other table gives as well; ideal 1."""
    same = real[ESTIMATE] == other[ESTIMATE].reindex(real.index)
    return number(same.mean())


def _errors(real: pd.DataFrame, other: pd.DataFrame) -> tuple[np.ndarray, str | None]:
    """Errors in real standard errors, and how many the other table has no estimate for."""
    usable = real[np.isfinite(real).all(axis=1) & (real[STANDARD_ERROR] > 0)]
    if usable.empty:
        raise ValueError("no estimate of the real table has a standard error")
    gap = (other[ESTIMATE].reindex(usable.index) - usable[ESTIMATE]) / usable[STANDARD_ERROR]
    errors = gap[np.isfinite(gap)].to_numpy()
    if not len(errors):
        raise ValueError("the table has no such estimate")
    lost = len(usable) - len(errors)
    return errors, f"{lost} of {len(usable)} estimates are missing in the table" if lost else None
