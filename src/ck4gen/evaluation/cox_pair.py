"""The Cox fits of the real and the synthetic table, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from scipy import stats

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.models.cox import CoxError, CoxFit, aliased, fit_cox


@dataclass(frozen=True)
class Sample:
    """A table as its Cox model sees it, numerics standardised by the real mean and SD."""

    design: pd.DataFrame
    duration: pd.Series
    event: pd.Series

    def __post_init__(self) -> None:
        whole = self.design.assign(**{DURATION: self.duration, EVENT: self.event})
        missing = whole.columns[whole.isna().any()]
        if len(missing):
            raise ValueError(f"missing values in {', '.join(missing)}")

    def fit(
        self,
        columns: list[str] | None = None,
        penalizer: float = 0.0,
        start: pd.Series | None = None,
    ) -> CoxFit:
        """Cox fit on some or all terms, see :func:`fit_cox`."""
        design = self.design if columns is None else self.design[columns]
        return fit_cox(design, self.duration, self.event, penalizer, start)

    def where(self, rows: pd.Series) -> Sample:
        """The rows for which ``rows`` is true."""
        return Sample(self.design[rows], self.duration[rows], self.event[rows])


def sample(table: pd.DataFrame, real: pd.DataFrame, schema: Schema) -> Sample:
    """A table on the real scale: log hazard ratios are per real SD of a numeric.

    Raises:
        ValueError: The table has missing values, or text in a numeric column.
    """
    numerics = schema.of_kind("numeric")
    scale = real[numerics].astype(float)
    table = table.reset_index(drop=True)
    design = schema.design(table)
    design[numerics] = (design[numerics] - scale.mean()) / scale.std()
    return Sample(design, table[DURATION], table[EVENT])


def samples(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> tuple[Sample, Sample]:
    """Both tables on the real scale."""
    return sample(real, real, schema), sample(synthetic, real, schema)


@dataclass(frozen=True)
class Pair:
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


def fit_pair(fitted: CoxFit, synthetic: Sample, penalizer: float, ridge: float) -> Pair:
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
        return Pair(fitted, synthetic.fit(kept, penalizer), degenerate, False)
    except CoxError:
        dependent = aliased(design[kept])
        kept = [name for name in kept if name not in dependent]
        separated = _separating(synthetic, kept)
        penalised = synthetic.fit(kept, max(penalizer, ridge))
        lost = [n for n in design if n in {*degenerate, *dependent, *separated}]
        return Pair(fitted, penalised, lost, True)


def _separating(sample: Sample, terms: list[str]) -> list[str]:
    """Terms without which the unpenalised model has an estimate; all where no one term is it."""
    found = [name for name in terms if _separated(sample.design[name], sample.event)]
    rest = [name for name in terms if name not in found]
    if _has_estimate(sample, rest):
        return found
    alone = [n for n in rest if _has_estimate(sample, [other for other in rest if other != n])]
    return found + (alone or rest)


def _has_estimate(sample: Sample, terms: list[str]) -> bool:
    try:
        return not terms or bool(sample.fit(terms))
    except CoxError:
        return False


def _separated(term: pd.Series, event: pd.Series) -> bool:
    """Whether a 0/1 term has no event, or all of them, on one side."""
    return bool(term.isin([0, 1]).all()) and term[event == 1].nunique() < 2


def interval(fit: CoxFit, confidence: float) -> tuple[pd.Series, pd.Series]:
    """Wald interval of the log hazard ratios."""
    half = stats.norm.ppf((1 + confidence) / 2) * fit.standard_errors
    return fit.coefficients - half, fit.coefficients + half
