"""The log partial likelihood of a Cox model, its derivatives and its residuals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ck4gen.survival.risk_sets import RiskSets


class Point(NamedTuple):
    """The log partial likelihood at some coefficients; -inf where floats cannot hold it."""

    value: float
    score: np.ndarray
    information: np.ndarray


class _Risks(NamedTuple):
    """What the sums over the risk sets are made of at some coefficients."""

    log_risk: np.ndarray  # (k,) up to a constant
    risk: np.ndarray  # (k,) times the weight
    total: np.ndarray  # (m,) risk at each step
    jump: np.ndarray  # (m,) of the cumulative hazard


class PartialLikelihood:
    """The log partial likelihood as a function of the coefficients.

    With weights w, as in R's survival: sum of w x b over the events, minus, for d tied events of
    mean weight v, v times the sum over l = 0 .. d - 1 of log(S - l / d * D). S is the sum of
    w exp(x b) over the risk set, and D over the tied events.

    Args:
        sets: The risk sets.
        x: (n, p) float covariates, centred so that exp(x b) stays in range.
    """

    def __init__(self, sets: RiskSets, x: np.ndarray) -> None:
        self.sets = sets
        self.x = np.take(x.T, sets.order, axis=1)  # (p, k)

    def at(self, coefficients: np.ndarray) -> Point:
        """The value, the (p,) score and the (p, p) information, minus the second derivative."""
        sets = self.sets
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            risks = self._risks(coefficients)
            died = sets.deaths
            value = sets.weight[died] @ risks.log_risk[died]
            value -= sets.step_weight @ np.log(risks.total)
            expected, means = self._expected(risks), self._means(risks)
            score = self.x[:, died] @ sets.weight[died] - means @ sets.step_weight
            information = (self.x * expected) @ self.x.T - (means * sets.step_weight) @ means.T
        if not (np.isfinite(value) and np.isfinite(information).all()):
            value = -np.inf
        return Point(float(value), score, information)

    def _risks(self, coefficients: np.ndarray) -> _Risks:
        sets = self.sets
        log_risk = coefficients @ self.x
        log_risk -= log_risk.max(initial=-np.inf)
        risk = np.exp(log_risk) * sets.weight
        total = self._left(sets.at_risk(risk), risk)
        return _Risks(log_risk, risk, total, sets.step_weight / total)

    def _left(self, at_risk: np.ndarray, values: np.ndarray) -> np.ndarray:
        """(..., g) sums over the risk sets -> (..., m) at each step."""
        sets = self.sets
        left = at_risk[..., sets.step_group]
        if sets.tied:
            left -= sets.gone * sets.dying(values)[..., sets.step_group]
        return left

    def _means(self, risks: _Risks) -> np.ndarray:
        """(p, m) mean of the covariates among those at risk at each step."""
        sums = self.x * risks.risk
        means: np.ndarray = self._left(self.sets.at_risk(sums), sums) / risks.total
        return means

    def _expected(self, risks: _Risks) -> np.ndarray:
        """(k,) expected events of each row, times its weight."""
        sets = self.sets
        hazard = sets.while_at_risk(sets.by_group(risks.jump))
        if sets.tied:
            hazard[sets.deaths] -= sets.by_group(sets.gone * risks.jump)[sets.death_group]
        return risks.risk * hazard

    def score_residuals(self, coefficients: np.ndarray) -> np.ndarray:
        """(n, p) score residuals times the weights; their sum is the score.

        Those of R's ``residuals(fit, type = "score", weighted = TRUE)``. With no tied events also
        those of lifelines, which ignores ties.
        """
        sets = self.sets
        risks = self._risks(coefficients)
        means = self._means(risks)
        residuals = risks.risk * sets.while_at_risk(sets.by_group(risks.jump * means))
        residuals -= self._expected(risks) * self.x
        deaths, group, weight = sets.deaths, sets.death_group, sets.weight[sets.deaths]
        residuals[:, deaths] += weight * (self.x[:, deaths] - self._mean_of_group(means)[:, group])
        if sets.tied:
            gone = sets.by_group(sets.gone * risks.jump * means)[:, group]
            residuals[:, deaths] -= risks.risk[deaths] * gone
        by_row = np.zeros((sets.rows, len(self.x)))
        by_row[sets.order] = residuals.T
        return by_row

    def schoenfeld_residuals(self, coefficients: np.ndarray) -> np.ndarray:
        """(e, p) Schoenfeld residuals of the events, by stratum, time and row."""
        sets = self.sets
        means = self._mean_of_group(self._means(self._risks(coefficients)))
        residuals: np.ndarray = self.x[:, sets.deaths] - means[:, sets.death_group]
        return residuals.T

    def _mean_of_group(self, means: np.ndarray) -> np.ndarray:
        """(p, m) means by step -> (p, g) their weighted mean over the steps of a group."""
        sets = self.sets
        mean: np.ndarray = sets.by_group(sets.step_weight * means) / sets.by_group(sets.step_weight)
        return mean

    def hazard(self, coefficients: np.ndarray) -> np.ndarray:
        """(g,) Breslow's jumps of the cumulative hazard at covariates 0."""
        sets = self.sets
        risk = np.exp(coefficients @ self.x) * sets.weight
        jumps: np.ndarray = sets.dying(sets.weight) / sets.at_risk(risk)
        return jumps
