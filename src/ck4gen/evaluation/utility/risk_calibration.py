"""Calibration: do predicted risks come true?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.utility.prediction import breslow
from ck4gen.survival.cox import fit_cox, wald_interval
from ck4gen.survival.cox_data import CoxData
from ck4gen.survival.kaplan_meier import kaplan_meier

KNOTS = (0.1, 0.5, 0.9)  # quantiles of three knots (Harrell 2015)
EDGE = 1e-10  # keeps log(-log S) finite


def slope(risk: np.ndarray, test: CoxData, confidence: float) -> Metric:
    """Coefficient of the score in a Cox refit on the held-out rows, with its Wald interval.

    1 is right; below 1 the predictions are too extreme (van Houwelingen 2000).

    Raises:
        CoxError: The score is constant, or there are no events.
    """
    design = pd.DataFrame({"risk": risk}, test.duration.index)
    right = pd.Series({"risk": 1.0})  # where Newton starts
    fit = fit_cox(design, test.duration, test.event, start=right)
    low, high = wald_interval(fit, confidence)
    return number(fit.coefficients["risk"], low["risk"], high["risk"])


def risk_slope(risk: np.ndarray, test: CoxData, time: float, bins: int) -> float:
    """Slope through the origin of observed on mean predicted risk over :func:`binned_risk`.

    Raises:
        ValueError: No bin has a predicted risk above 0.
    """
    return through_origin(*binned_risk(risk, test, time, bins))


def binned_risk(
    risk: np.ndarray, test: CoxData, time: float, bins: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean predicted and observed risk in quantile bins of predicted risk.

    Observed risk is 1 - Kaplan-Meier within the bin. Bins in which nobody is followed to
    ``time`` have none and are left out; tied risks share a bin.

    Args:
        risk: (n,) predicted probabilities of an event by ``time``.
        test: Held-out rows.
        time: The time.
        bins: Bins, equal in rows.
    """
    bin_of_row = quantile_bins(risk, bins)
    rows = pd.DataFrame({DURATION: test.duration.to_numpy(), EVENT: test.event.to_numpy()})
    predicted, observed = [], []
    for bin_number in np.unique(bin_of_row):
        curve = kaplan_meier(rows[bin_of_row == bin_number])
        if curve.times[-1] >= time or curve.values[-1] == 0:
            predicted.append(risk[bin_of_row == bin_number].mean())
            observed.append(1 - curve.at(np.array([time]))[0])
    return np.array(predicted), np.array(observed)


def quantile_bins(risk: np.ndarray, bins: int) -> np.ndarray:
    """(n,) bin of each row, from 0; bins that ties make empty are missing."""
    inner = np.quantile(risk, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(np.unique(inner), risk, side="left")


def through_origin(predicted: np.ndarray, observed: np.ndarray) -> float:
    """Least-squares slope without an intercept.

    Raises:
        ValueError: No predicted risk is above 0.
    """
    if not np.any(predicted > 0):
        raise ValueError("no predicted risk is above 0")
    return float(predicted @ observed / (predicted @ predicted))


def calibration_index(risk: np.ndarray, test: CoxData, time: float) -> float:
    """Integrated calibration index at ``time`` (Austin, Harrell and van Klaveren 2020).

    Mean |smoothed observed - predicted risk|. Smoothing: a Cox model on a restricted cubic
    spline of log(-log(1 - risk)) with three knots, the paper's second method.

    Args:
        risk: (n,) predicted probabilities of an event by ``time``.
        test: Held-out rows.
        time: The time.

    Raises:
        CoxError: The model of the smoothing has no estimate.
        ValueError: The risks take too few values for three knots.
    """
    log_hazard = np.log(-np.log1p(-np.clip(risk, EDGE, 1 - EDGE)))
    design = pd.DataFrame(_spline(log_hazard), test.duration.index, ["linear", "cubic"])
    right = pd.Series({"linear": 1.0, "cubic": 0.0})  # where Newton starts
    fit = fit_cox(design, test.duration, test.event, start=right)
    smooth = (design @ fit.coefficients).to_numpy()
    baseline = breslow(smooth, test.duration.to_numpy(float), test.event.to_numpy())
    observed = -np.expm1(-baseline.at(np.array([time])) * np.exp(smooth - baseline.centre))
    return float(np.abs(observed - risk).mean())


def _spline(x: np.ndarray) -> np.ndarray:
    """(n, 2) restricted cubic spline with three knots: linear beyond the outer ones."""
    first, middle, last = np.quantile(x, KNOTS)
    if not first < middle < last:
        raise ValueError("the predicted risks take too few values for three knots")

    def cube(knot: float) -> np.ndarray:
        return np.clip(x - knot, 0, None) ** 3

    left, right = (last - first) / (last - middle), (middle - first) / (last - middle)
    cubic = cube(first) - left * cube(middle) + right * cube(last)
    return np.column_stack([x, cubic / (last - first) ** 2])
