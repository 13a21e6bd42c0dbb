"""The one place that fits Cox models, with the score checked at the solution.

lifelines' default Newton steps can end at wrong estimates without an exception, so a fit counts
only when its score is zero. Where it is not, scikit-survival's step-halving finds the optimum.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError
from scipy import linalg, stats
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.linear_model.coxph import CoxPHOptimizer
from sksurv.util import Surv

from ck4gen.data.schema import DURATION, EVENT

NEWTON_TOLERANCE = 1e-3  # step that Newton would still take, in standard errors
MAX_STANDARD_ERROR = 5.0  # per SD of a term; beyond it the likelihood is monotone


class CoxError(ArithmeticError):
    """The Cox model has no finite maximum of its partial likelihood on these data."""


@dataclass(frozen=True)
class CoxFit:
    """A Cox model with Efron ties.

    Attributes:
        coefficients: (p,) log hazard ratios per unit of the design.
        information: (p, p) observed information (minus the Hessian), penalty included.
        fitter: The lifelines fitter, on the design standardised to SD 1 (ddof 1).
        frame: What the fitter was fitted on, for lifelines' own tests.
    """

    coefficients: pd.Series
    information: np.ndarray
    fitter: CoxPHFitter
    frame: pd.DataFrame

    @property
    def covariance(self) -> np.ndarray:
        """(p, p) inverse of the information."""
        return np.linalg.inv(self.information)

    @property
    def standard_errors(self) -> pd.Series:
        """(p,) standard errors of the log hazard ratios."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), self.coefficients.index)

    @property
    def cumulative_hazard_at_mean(self) -> pd.Series:
        """Breslow cumulative hazard of a patient with mean covariates, indexed by time."""
        return self.fitter.baseline_cumulative_hazard_.iloc[:, 0]


def fit_cox(
    design: pd.DataFrame,
    duration: pd.Series,
    event: pd.Series,
    penalizer: float = 0.0,
    start: pd.Series | None = None,
) -> CoxFit:
    """Maximise the (penalised) partial likelihood with Efron ties.

    Args:
        design: (n, p) float design, no constant column.
        duration: (n,) times, zero allowed.
        event: (n,) 1 = event, 0 = censored.
        penalizer: Ridge of lifelines: n * penalizer / 2 * |beta|^2 on standardised terms.
        start: (p,) log hazard ratios to start from, those of a similar table: fewer steps, the
            same solution.

    Raises:
        CoxError: A column is constant or the columns are collinear, there are no events, or
            the score does not vanish at a finite solution (separation).
    """
    scale = design.std()
    constant = scale.index[~(scale > 1e-12)]
    if len(constant):
        raise CoxError(f"constant columns: {', '.join(constant)}")
    if not event.any():
        raise CoxError("no events")
    z = (design - design.mean()) / scale
    if not penalizer and (dependent := aliased(design)):
        raise CoxError(f"columns that follow from the others: {', '.join(dependent)}")
    frame = z.assign(**{DURATION: duration.to_numpy(), EVENT: event.to_numpy()})
    optimizer = CoxPHOptimizer(
        z.to_numpy(),
        event.to_numpy(bool),
        duration.to_numpy(float),
        np.full(z.shape[1], penalizer * len(z)),
        "efron",
    )
    known = [] if start is None else [lambda *_: (start[design.columns] * scale).to_numpy()]
    for first in (*known, _zero, _step_halving):
        fitter = CoxPHFitter(penalizer=penalizer)
        try:
            with warnings.catch_warnings(), np.errstate(over="ignore"):
                warnings.simplefilter("ignore")  # convergence is judged by the score, below
                point = first(z, duration, event, penalizer)
                step = {"step_size": 1.0} if first in known else None  # whole steps when near
                fitter.fit(frame, DURATION, EVENT, initial_point=point, fit_options=step)
        except (ConvergenceError, ArithmeticError, ValueError, np.linalg.LinAlgError):
            continue
        coefficients = fitter.params_.to_numpy()
        information = _checked_information(optimizer, coefficients, len(z))
        if information is not None:
            names, sd = design.columns, scale.to_numpy()
            return CoxFit(
                pd.Series(coefficients / sd, names), information * np.outer(sd, sd), fitter, frame
            )
    raise CoxError("the score does not vanish at a finite solution")


def aliased(design: pd.DataFrame) -> list[str]:
    """Terms that are linear combinations of the terms before them."""
    centred = (design - design.mean()) / design.std()
    triangle = np.zeros(design.shape[1])  # fewer rows than terms: the terms left over are aliased
    pivots = np.abs(np.diag(linalg.qr(centred.to_numpy(), mode="r")[0]))
    triangle[: len(pivots)] = pivots
    return list(design.columns[triangle < 1e-8 * triangle.max()])


def smallest_cell(levels: pd.DataFrame) -> int:
    """Rows in the smallest cell of some 0/1 terms, empty cells included."""
    code = levels.to_numpy(int) @ (2 ** np.arange(levels.shape[1]))
    return int(np.bincount(code, minlength=2 ** levels.shape[1]).min())


def _zero(z: pd.DataFrame, *_: object) -> np.ndarray:
    return np.zeros(z.shape[1])


def _step_halving(
    z: pd.DataFrame, duration: pd.Series, event: pd.Series, penalizer: float
) -> np.ndarray:
    model = CoxPHSurvivalAnalysis(alpha=penalizer * len(z), ties="efron", tol=1e-12)
    return model.fit(z.to_numpy(), Surv.from_arrays(event.to_numpy(bool), duration)).coef_


def _checked_information(
    optimizer: CoxPHOptimizer, coefficients: np.ndarray, rows: int
) -> np.ndarray | None:
    """Information at the solution, or None where the score there is not zero.

    Raises:
        CoxError: The score vanishes because the likelihood is flat: a term separates the events.
    """
    if not np.isfinite(coefficients).all():
        return None
    optimizer.update(coefficients)
    information = optimizer.hessian * rows
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    variance = np.diag(covariance)
    if not (variance > 0).all():
        return None
    step = covariance @ optimizer.gradient * rows / np.sqrt(variance)
    if np.abs(step).max() > NEWTON_TOLERANCE:
        return None
    if variance.max() > MAX_STANDARD_ERROR**2:
        raise CoxError("a term separates the events from the others")
    return information


def wald_interval(fit: CoxFit, confidence: float) -> tuple[pd.Series, pd.Series]:
    """Wald interval of the log hazard ratios."""
    half = stats.norm.ppf((1 + confidence) / 2) * fit.standard_errors
    return fit.coefficients - half, fit.coefficients + half
