"""scikit-learn's Gaussian mixture for rows that count for more or less than one."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture


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
