"""scikit-survival's boosted Cox model with a faster gradient: the same trees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sksurv.ensemble import GradientBoostingSurvivalAnalysis
from sksurv.ensemble.survival_loss import CoxPH

MOST = 10_000_000  # pairs of a row and an event that are held, 160 MB


class CoxBoosting(GradientBoostingSurvivalAnalysis):
    """``GradientBoostingSurvivalAnalysis(loss="coxph")`` in less than half of the time.

    The likelihood after each stage, which scikit-survival keeps for plots, is not computed.
    """

    def _get_loss(self, sample_weight: np.ndarray) -> CoxPH:
        return _CoxLoss()


class _CoxLoss(CoxPH):
    """Breslow's partial likelihood.

    Its sums go over the rows in the order of scikit-survival's, so that they are equal to the last
    bit: between two splits that are equally good, rounding decides.
    """

    at_risk: np.ndarray | None = None  # (n, e) 1 for the rows at risk at each event
    passed: np.ndarray  # (e, n) the same

    def __call__(self, y_true: np.ndarray, *rest: Any, **keys: Any) -> float:
        return math.nan

    def gradient(self, y_true: np.ndarray, raw_prediction: np.ndarray, **keys: Any) -> np.ndarray:
        """(n,) negative gradient: events of each row minus those expected."""
        time, event = y_true["time"], y_true["event"]
        if len(time) * event.sum() > MOST:
            slower: np.ndarray = super().gradient(y_true, raw_prediction, **keys)
            return slower
        if self.at_risk is None:  # the same rows in every stage
            self.at_risk = (time[:, None] >= time[event]).astype(float)
            self.passed = np.ascontiguousarray(self.at_risk.T)
        risk = np.exp(raw_prediction.ravel())
        hazard = risk / np.einsum("ij,i->j", self.at_risk, risk)[:, None]
        hazard *= self.passed
        negative: np.ndarray = event - np.add.reduce(hazard, axis=0)
        return negative
