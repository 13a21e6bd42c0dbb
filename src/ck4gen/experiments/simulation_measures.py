"""What the analyses of many tables are worth where the true log hazard ratios are known.

Measures as in Morris, White and Crowther 2019, Stat Med 38, each with a Monte Carlo interval from
a jackknife over cohorts: the covariates of one cohort are not independent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from ck4gen.evaluation.base.metric import Metric, number


@dataclass(frozen=True)
class Analyses:
    """Cox fits of one table from each of N cohorts.

    Attributes:
        truth: (p,) true log hazard ratios.
        estimates: (N, p) log hazard ratios.
        errors: (N, p) their standard errors.
        real: (N, p) log hazard ratios of the real cohorts.
        real_errors: (N, p) their standard errors.
        significance: Level of the Wald tests; intervals have 1 minus it.
    """

    truth: np.ndarray
    estimates: np.ndarray
    errors: np.ndarray
    real: np.ndarray
    real_errors: np.ndarray
    significance: float

    @property
    def critical(self) -> float:
        """The standard normal quantile of test and interval."""
        return float(stats.norm.isf(self.significance / 2))

    def without(self, cohort: int) -> Analyses:
        """All cohorts but one."""
        tables = ("estimates", "errors", "real", "real_errors")
        return replace(self, **{t: np.delete(getattr(self, t), cohort, 0) for t in tables})


def type_1_error(a: Analyses) -> float:
    """Share of null covariates with a significant Wald test."""
    return float(_rejected(a)[:, a.truth == 0].mean())


def power(a: Analyses) -> float:
    """Share of the other covariates with a significant Wald test."""
    return float(_rejected(a)[:, a.truth != 0].mean())


def coverage(a: Analyses) -> float:
    """Share of Wald intervals that hold the true log hazard ratio."""
    return float((np.abs(a.estimates - a.truth) <= a.critical * a.errors).mean())


def bias(a: Analyses) -> float:
    """Mean error of the log hazard ratios that are not 0; positive: too far from 0."""
    effects = a.truth != 0
    return float(((a.estimates - a.truth) * np.sign(a.truth))[:, effects].mean())


def sd_ratio(a: Analyses) -> float:
    """SD of the estimates over cohorts divided by their mean standard error, mean of covariates."""
    return float((a.estimates.std(axis=0, ddof=1) / a.errors.mean(axis=0)).mean())


def added_variance(a: Analyses) -> float:
    """Mean square of estimate minus real estimate, in variances of the real estimate.

    1 for n rows drawn from the fitted model and nothing else, 0 where the estimates are kept.
    """
    gap = ((a.estimates - a.real) ** 2).mean(axis=0)
    return float((gap / (a.real_errors**2).mean(axis=0)).mean())


SHARES = (type_1_error, power, coverage)
MEASURES = {m.__name__: m for m in (type_1_error, power, coverage, bias, sd_ratio, added_variance)}


def expected_coverage(ratio: float, factor: float, added: float, significance: float) -> float:
    """Coverage of the truth that theory predicts.

    The estimate has the variance V (1 + added), V that of the real estimate, independent of it; the
    standard error is factor sqrt(V / ratio). So the interval covers with probability
    2 Phi(z factor / sqrt(ratio (1 + added))) - 1.

    Args:
        ratio: Synthetic rows for each real one.
        factor: By which standard errors are multiplied.
        added: Variance that the table adds, see :func:`added_variance`.
        significance: 1 minus the level of the interval.
    """
    z = stats.norm.isf(significance / 2)
    return float(2 * stats.norm.cdf(z * factor / np.sqrt(ratio * (1 + added))) - 1)


def measured(a: Analyses, confidence: float) -> dict[str, Metric]:
    """Every measure with its Monte Carlo interval; none below 3 cohorts."""
    return {name: _jackknife(measure, a, confidence) for name, measure in MEASURES.items()}


def _jackknife(measure: Callable[[Analyses], float], a: Analyses, confidence: float) -> Metric:
    count = len(a.estimates)
    if count < 3:
        return Metric(None, reason=f"{count} cohorts with an estimate; 3 are needed")
    value = measure(a)
    others = np.array([measure(a.without(cohort)) for cohort in range(count)])
    error = np.sqrt((count - 1) * others.var())
    if error == 0:
        return number(value, reason="the same in every cohort: no interval")
    half = stats.t.ppf((1 + confidence) / 2, count - 1) * error
    low, high = value - half, value + half
    return number(value, *(np.clip([low, high], 0, 1) if measure in SHARES else (low, high)))


def _rejected(a: Analyses) -> np.ndarray:
    return np.abs(a.estimates) > a.critical * a.errors
