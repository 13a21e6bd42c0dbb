"""The one place that fits Cox models: our own Newton-Raphson, which ends only at score zero."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import linalg, stats
from scipy.sparse.linalg import LinearOperator, eigsh

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.design_axes import WIDE, is_wide, row_axes
from ck4gen.survival.newton import CoxError, Maximum, maximise
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets

ENOUGH = 1e-4  # relative error of an eigenvalue that is only set beside another


@dataclass(frozen=True, eq=False)
class CoxFit:
    """A Cox model.

    A ridge on very many terms leaves the coefficients in the axes of the rows, see
    :func:`row_axes`; there the model is fitted, and beside them the ridge is all that is known.

    Attributes:
        coefficients: (p,) log hazard ratios per unit of the design.
        curvature: (r, r) observed information (minus the Hessian) of the terms standardised to
            mean 0 and SD 1, or in their axes, penalty included.
        iterations: Newton steps that were taken.
        likelihood: The partial likelihood of these terms, or axes.
        scale: (p,) SDs of the terms.
        penalty: The ridge times the weight of the rows.
        axes: (p, r) axes of the terms; None for the terms themselves.
    """

    coefficients: pd.Series
    curvature: np.ndarray
    iterations: int
    likelihood: PartialLikelihood
    scale: np.ndarray
    penalty: float = 0.0
    axes: np.ndarray | None = None

    @cached_property
    def information(self) -> np.ndarray:
        """(p, p) observed information, penalty included."""
        curvature = self.curvature
        if self.axes is not None:
            curvature = (
                self.axes @ (curvature - self.penalty * np.eye(len(curvature)))
            ) @ self.axes.T
            curvature[np.diag_indices_from(curvature)] += self.penalty
        information: np.ndarray = curvature * np.outer(self.scale, self.scale)
        return information

    @cached_property
    def covariance(self) -> np.ndarray:
        """(p, p) inverse of the information."""
        if self.axes is None:
            return np.linalg.inv(self.information)
        covariance: np.ndarray = self.less_than_ridge @ (self.axes / self.scale[:, None]).T
        covariance[np.diag_indices_from(covariance)] += 1 / (self.penalty * self.scale**2)
        return covariance

    @cached_property
    def less_than_ridge(self) -> np.ndarray:
        """(p, r) what, times the axes over the SDs, the covariance has beside the ridge's own."""
        gap = np.linalg.inv(self.curvature) - np.eye(len(self.curvature)) / self.penalty
        beside: np.ndarray = (self.axes / self.scale[:, None]) @ gap
        return beside

    @cached_property
    def standard_errors(self) -> pd.Series:
        """(p,) standard errors of the log hazard ratios."""
        if self.axes is None:
            variance = np.diag(self.covariance)
        else:
            beside = (self.less_than_ridge * self.axes).sum(1) / self.scale
            variance = beside + 1 / (self.penalty * self.scale**2)
        return pd.Series(np.sqrt(variance), self.coefficients.index)

    @cached_property
    def least_information(self) -> float:
        """Information in the weakest direction, the smallest eigenvalue of the matrix."""
        if self.axes is None:
            return float(np.linalg.eigvalsh(self.information)[0])
        axes = self.axes / self.scale[:, None]
        ridge = 1 / (self.penalty * self.scale**2)
        covariance = LinearOperator(
            (len(ridge), len(ridge)),
            lambda v: self.less_than_ridge @ (axes.T @ v) + ridge * v,
        )
        start = np.ones(len(ridge))  # else it is drawn, and no run is like another
        return float(1 / eigsh(covariance, 1, which="LA", v0=start, tol=ENOUGH)[0][0])

    @cached_property
    def log_likelihood(self) -> float:
        """Log partial likelihood at the solution, without the penalty."""
        return self.likelihood.at(self._standardised).value

    @cached_property
    def null_log_likelihood(self) -> float:
        """Log partial likelihood where every coefficient is 0."""
        return self.likelihood.at(np.zeros(len(self.scale))).value

    @property
    def likelihood_ratio_p_value(self) -> float:
        """P-value of the likelihood-ratio test that every coefficient is 0."""
        ratio = 2 * (self.log_likelihood - self.null_log_likelihood)
        return float(stats.chi2.sf(ratio, len(self.scale)))

    @cached_property
    def cumulative_hazard_at_mean(self) -> pd.Series:
        """Breslow cumulative hazard of a patient with mean covariates, indexed by time.

        With weights, of a patient with the weighted mean covariates. With strata, indexed by
        stratum and time.
        """
        sets = self.likelihood.sets
        jumps, curves = self.likelihood.hazard(self._standardised), {}
        for label, start, end in zip(sets.labels, sets.bounds[:-1], sets.bounds[1:], strict=True):
            cumulative = np.r_[0.0, jumps[start:end].cumsum()]
            steps = np.searchsorted(sets.times[start:end], sets.ends, "right")
            curves[label] = pd.Series(cumulative[steps], sets.ends)
        return pd.concat(curves) if len(curves) > 1 else curves[sets.labels[0]]

    @cached_property
    def score_residuals(self) -> np.ndarray:
        """(n, p) score residuals of the rows, times their weights."""
        return self._of_terms(self.likelihood.score_residuals(self._standardised))

    @cached_property
    def influence(self) -> np.ndarray:
        """(n, p) dfbeta: about how much lower each log hazard ratio would be without the row.

        The score residuals times the covariance, Efron's at ties.
        """
        if self.axes is None:
            return self.score_residuals @ self.covariance
        residuals = self.likelihood.score_residuals(self._standardised)
        influence: np.ndarray = residuals @ np.linalg.inv(self.curvature) @ self.axes.T / self.scale
        return influence

    @property
    def schoenfeld_residuals(self) -> np.ndarray:
        """(e, p) Schoenfeld residuals of the events, by stratum, time and row."""
        return self._of_terms(self.likelihood.schoenfeld_residuals(self._standardised))

    def _of_terms(self, residuals: np.ndarray) -> np.ndarray:
        """(k, r) residuals of the likelihood -> (k, p) of the terms as they are."""
        turned = residuals if self.axes is None else residuals @ self.axes.T
        return turned * self.scale

    @property
    def _standardised(self) -> np.ndarray:
        """(r,) log hazard ratios per SD, or along the axes."""
        per_sd: np.ndarray = self.coefficients.to_numpy() * self.scale
        return per_sd if self.axes is None else per_sd @ self.axes


def fit_cox(
    design: pd.DataFrame,
    duration: pd.Series,
    event: pd.Series,
    penalizer: float = 0.0,
    start: pd.Series | None = None,
    weights: np.ndarray | pd.Series | None = None,
    strata: np.ndarray | pd.Series | None = None,
    entry: np.ndarray | pd.Series | None = None,
    ties: str = "efron",
) -> CoxFit:
    """Maximise the (penalised) partial likelihood.

    Args:
        design: (n, p) float design, no constant column.
        duration: (n,) times, zero allowed.
        event: (n,) 1 = event, 0 = censored.
        penalizer: Ridge: N * penalizer / 2 * |beta|^2 on terms standardised to SD 1 (ddof 1),
            where N is the number of rows, or the sum of their weights.
        start: (p,) log hazard ratios to start from, those of a similar table: fewer steps, the
            same solution.
        weights: (n,) positive case weights, see :class:`PartialLikelihood`. They also weigh the
            means and SDs of the terms, scaled to mean 1.
        strata: (n,) stratum of each row: each has a baseline hazard of its own.
        entry: (n,) times from which a row is at risk, exclusive (delayed entry).
        ties: ``efron`` or ``breslow``.

    Raises:
        CoxError: A column is constant or the columns are collinear, there are no events, or
            the score does not vanish at a finite solution (separation).
        ValueError: Missing or infinite values, a weight that is not positive, or a row that
            enters after its end.
    """
    weighing, stratum, entering = (
        None if a is None else np.asarray(a) for a in (weights, strata, entry)
    )
    outcome = np.asarray(duration), np.asarray(event)
    sets = RiskSets(*outcome, weighing, stratum, entering, ties)
    return fit_on(sets, design, penalizer, start, weighing)


def fit_cohort(
    cohort: WeightedCohort, penalizer: float = 0.0, design: pd.DataFrame | None = None
) -> CoxFit:
    """The model of a cohort under its weights, strata and entry times, see :func:`fit_cox`.

    Args:
        cohort: Rows and weights.
        penalizer: Ridge.
        design: (n, p) terms instead of the cohort's design.

    Raises:
        CoxError: There is no finite estimate.
    """
    design = cohort.design if design is None else design
    table = cohort.table
    return fit_cox(
        design,
        table[DURATION],
        table[EVENT],
        penalizer,
        weights=cohort.weight,
        strata=cohort.stratum,
        entry=cohort.entry,
    )


def fit_on(
    sets: RiskSets,
    design: pd.DataFrame,
    penalizer: float = 0.0,
    start: pd.Series | None = None,
    weights: np.ndarray | None = None,
) -> CoxFit:
    """As :func:`fit_cox`, on risk sets that many models share."""
    weight = None if weights is None else np.asarray(weights, float)
    z, scale = _standardise(design, weight)
    if not len(sets.times):
        raise CoxError("no events")
    if design.empty:
        raise CoxError("no column has a term in it")
    if not penalizer and (dependent := _dependent(z)).any():
        names = design.columns[dependent]
        more = f" and {len(names) - WIDE} more" if len(names) > WIDE else ""
        raise CoxError(f"columns that follow from the others: {', '.join(names[:WIDE])}{more}")
    axes = None
    if penalizer and is_wide(*z.shape):
        z, axes = row_axes(z)
    rows = len(design) if weight is None else weight.sum()
    likelihood, penalty = PartialLikelihood(sets, z), float(penalizer * rows)
    first = zero = np.zeros(z.shape[1])
    if start is not None:
        first = start[design.columns].to_numpy() * scale
        first = first if axes is None else first @ axes
    maximum = _from_either(likelihood, penalty, first, zero)
    coefficients = maximum.coefficients if axes is None else axes @ maximum.coefficients
    return CoxFit(
        pd.Series(coefficients / scale, design.columns),
        maximum.point.information,
        maximum.iterations,
        likelihood,
        scale,
        penalty,
        axes,
    )


def _from_either(
    likelihood: PartialLikelihood, penalty: float, first: np.ndarray, zero: np.ndarray
) -> Maximum:
    """Newton from where the caller says, and from 0 where that leads nowhere."""
    if first.any():
        try:
            return maximise(likelihood, penalty, first)
        except CoxError:
            pass
    return maximise(likelihood, penalty, zero)


def _standardise(design: pd.DataFrame, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """(n, p) terms of mean 0 and SD 1, and their (p,) SDs; no weight is 1 for all.

    Raises:
        CoxError: A column is constant.
        ValueError: A value is missing or infinite.
    """
    x = design.to_numpy(float)
    if weight is None and not x.size:  # no mean without a value
        weight = np.ones(len(x))
    centred = x - np.average(x, axis=0, weights=weight)
    squares = np.square(centred)
    variance = np.average(squares, axis=0, weights=weight) * len(x) / max(len(x) - 1, 1)
    if not np.isfinite(variance).all():
        names = ", ".join(design.columns[~np.isfinite(variance)])
        raise ValueError(f"missing or infinite values in {names}; leave those rows out")
    scale = np.sqrt(variance)
    constant = design.columns[~(scale > 1e-12)]
    if len(constant):
        raise CoxError(f"constant columns: {', '.join(constant)}")
    return np.divide(centred, scale, out=centred), scale


def _dependent(z: np.ndarray) -> np.ndarray:
    """(p,) which standardised terms are linear combinations of the terms before them."""
    if z.shape[1] < len(z):  # else some are
        correlation = z.T @ z / len(z)
        if np.linalg.eigvalsh(correlation)[0] > 1e-6:  # far from it: the exact answer takes longer
            return np.zeros(z.shape[1], bool)
    triangle = np.zeros(z.shape[1])  # fewer rows than terms: the terms left over are aliased
    pivots = np.abs(np.diag(linalg.qr(z, mode="r")[0]))
    triangle[: len(pivots)] = pivots
    dependent: np.ndarray = triangle < 1e-8 * triangle.max()
    return dependent


def smallest_cell(levels: pd.DataFrame) -> int:
    """Rows in the smallest cell of some 0/1 terms, empty cells included."""
    code = levels.to_numpy(int) @ (2 ** np.arange(levels.shape[1]))
    return int(np.bincount(code, minlength=2 ** levels.shape[1]).min())


def wald_interval(fit: CoxFit, confidence: float) -> tuple[pd.Series, pd.Series]:
    """Wald interval of the log hazard ratios."""
    half = stats.norm.ppf((1 + confidence) / 2) * fit.standard_errors
    return fit.coefficients - half, fit.coefficients + half
