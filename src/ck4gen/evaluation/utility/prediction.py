"""What a downstream model says of patients: a risk score and survival probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sksurv.linear_model.coxph import BreslowEstimator


class Prediction(Protocol):
    """Predictions for n patients."""

    @property
    def risk(self) -> np.ndarray:
        """(n,) score on the scale of a linear predictor: log hazard, up to a constant."""

    def survival(self, times: np.ndarray) -> np.ndarray:
        """(n, k) survival probabilities of every patient at each of k times."""

    def own_survival(self, times: np.ndarray) -> np.ndarray:
        """(n,) survival probability of each patient at the time of that patient."""


@dataclass(frozen=True)
class Baseline:
    """Breslow's cumulative baseline hazard, a right-continuous step function.

    Attributes:
        times: (k,) times of the training table.
        hazard: (k,) cumulative hazard of a patient with linear predictor ``centre``.
        centre: Linear predictor of that patient.
    """

    times: np.ndarray
    hazard: np.ndarray
    centre: float

    def at(self, times: np.ndarray) -> np.ndarray:
        """Cumulative hazard at each of ``times``; held after the last training time."""
        return np.r_[0.0, self.hazard][np.searchsorted(self.times, times, side="right")]


def breslow(risk: np.ndarray, duration: np.ndarray, event: np.ndarray) -> Baseline:
    """Baseline of the rows that have these linear predictors, (n,) each."""
    centre = float(np.mean(risk))  # the exponentials stay in range
    steps = BreslowEstimator().fit(risk - centre, event, duration).cum_baseline_hazard_
    return Baseline(steps.x, steps.y, centre)


@dataclass(frozen=True)
class Proportional:
    """Predictions of a proportional hazards model: S(t|x) = exp(-H0(t) exp(risk))."""

    risk: np.ndarray
    baseline: Baseline

    def survival(self, times: np.ndarray) -> np.ndarray:
        """(n, k) survival probabilities."""
        return np.exp(-np.outer(np.exp(self.risk - self.baseline.centre), self.baseline.at(times)))

    def own_survival(self, times: np.ndarray) -> np.ndarray:
        """(n,) survival probabilities."""
        return np.exp(-np.exp(self.risk - self.baseline.centre) * self.baseline.at(times))


@dataclass(frozen=True)
class Curves:
    """Predictions that are step functions of their own, (n, k) at k times."""

    risk: np.ndarray
    times: np.ndarray
    curves: np.ndarray

    def _column(self, times: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.times, times, side="right")

    def survival(self, times: np.ndarray) -> np.ndarray:
        """(n, k) survival probabilities."""
        return self._padded()[:, self._column(times)]

    def own_survival(self, times: np.ndarray) -> np.ndarray:
        """(n,) survival probabilities."""
        return self._padded()[np.arange(len(self.risk)), self._column(times)]

    def _padded(self) -> np.ndarray:
        return np.column_stack([np.ones(len(self.risk)), self.curves])
