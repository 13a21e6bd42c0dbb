"""scikit-learn's Gaussian mixture for rows that count for more or less than one."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

FLAT = 1e-9  # variance of a direction, relative to the largest, below which it is none


class WeightedMixture(GaussianMixture):
    """A Gaussian mixture by weighted expectation maximisation.

    scikit-learn has no weights here. They belong to the maximisation, where each row's share in
    a component is multiplied by its weight, and to the mean log likelihood.

    Args:
        weight: (n,) weights of the rows, with mean 1.
        n_components: Number of Gaussians.
        random_state: Seed of the start.
    """

    weights_: np.ndarray

    def __init__(self, weight: np.ndarray, n_components: int, random_state: int) -> None:
        super().__init__(n_components, reg_covar=1e-6, random_state=random_state)
        self.weight = weight

    def _initialize(self, X: np.ndarray, resp: np.ndarray, **namespace: Any) -> None:
        super()._initialize(X, resp * self.weight[:, None], **namespace)
        self.weights_ = self.weights_ / self.weights_.sum()

    def _e_step(self, X: np.ndarray, **namespace: Any) -> tuple[float, np.ndarray]:
        log_likelihood, log_share = self._estimate_log_prob_resp(X, **namespace)
        return float(np.average(log_likelihood, weights=self.weight)), log_share

    def _m_step(self, X: np.ndarray, log_resp: np.ndarray, **namespace: Any) -> None:
        super()._m_step(X, log_resp + np.log(self.weight)[:, None], **namespace)

    def bic(self, X: np.ndarray) -> float:
        """Bayesian information criterion of the weighted rows (lower is better)."""
        likelihood = self.weight @ self.score_samples(X)
        return float(-2 * likelihood + self._n_parameters() * np.log(len(X)))


def best_mixture(
    points: np.ndarray, weight: np.ndarray, most: int, needed: float, seed: int
) -> WeightedMixture:
    """The mixture with the lowest BIC whose every component holds rows enough.

    Args:
        points: (n, d) rows.
        weight: (n,) their weights, with mean 1.
        most: Most components.
        needed: Rows that a component needs; a single one may have fewer.
        seed: Seed of the starts.
    """
    rows = len(points)
    fits = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # BIC judges what it found
        for count in range(1, min(most, max(1, int(rows / needed))) + 1):
            try:
                mixture = WeightedMixture(weight, count, seed).fit(points)
            except ValueError:  # a component collapsed on a few rows
                if count == 1:
                    raise
                continue
            if count == 1 or mixture.weights_.min() * rows >= needed:
                fits.append(mixture)
    return min(fits, key=lambda fit: fit.bic(points))


def dimensions(points: np.ndarray) -> int:
    """Directions in which (n, d) points vary."""
    spread = np.atleast_2d(np.cov(points.T))
    return int(np.linalg.matrix_rank(spread, rtol=FLAT, hermitian=True))
