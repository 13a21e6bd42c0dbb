"""Normal scores: the normal quantiles of the values' ranks."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.base import BaseEstimator, TransformerMixin


class NormalScores(TransformerMixin, BaseEstimator):
    """Values of one column to the normal quantiles of their ranks (van der Waerden 1952), and back.

    Tied values have the middle of their ranks, so that the ends of a column of few values stay
    near the others. (scikit-learn's QuantileTransformer sends them to -5.2 and 5.2.)
    """

    def fit(self, values: np.ndarray, y: None = None) -> NormalScores:
        """Learn the shares of the (n, 1) values."""
        self.values_, count = np.unique(values, return_counts=True)
        self.shares_ = (count.cumsum() - count / 2) / count.sum()
        return self

    def transform(self, values: np.ndarray) -> np.ndarray:
        """(m, 1) values, those beyond the learnt ones as the last of these -> (m, 1) scores."""
        return ndtri(np.interp(values, self.values_, self.shares_))

    def inverse_transform(self, scores: np.ndarray) -> np.ndarray:
        """(m, 1) scores -> (m, 1) values."""
        return np.interp(ndtr(scores), self.shares_, self.values_)
