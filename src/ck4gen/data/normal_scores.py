"""Normal scores: the normal quantiles of the values' ranks."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.base import BaseEstimator, TransformerMixin


class NormalScores(TransformerMixin, BaseEstimator):
    """Values of one column to the normal quantiles of their ranks (van der Waerden 1952), and back.

    Tied values are spread over the ranks that they share (dequantisation: Theis, van den Oord and
    Bethge 2016), the same way each time. In the middle of these ranks they would be peaks of a
    density, and the least shift of a generated peak would carry all of it to the next value.
    """

    def fit(self, values: np.ndarray, y: None = None) -> NormalScores:
        """Learn the shares of the (n, 1) values."""
        self.values_, count = np.unique(values, return_counts=True)
        upto = count.cumsum()
        middle, half = upto - count / 2, np.where(count > 1, count / 2, 0.0)
        ends = 0.5 / count.sum()  # no score is infinite
        self.low_ = ((middle - half) / count.sum()).clip(ends, 1 - ends)
        self.high_ = ((middle + half) / count.sum()).clip(ends, 1 - ends)
        return self

    def transform(self, values: np.ndarray) -> np.ndarray:
        """(m, 1) values, those beyond the learnt ones as the last of these -> (m, 1) scores."""
        low, high = (np.interp(values, self.values_, end) for end in (self.low_, self.high_))
        seed = crc32(self.values_.tobytes())  # another one for each column
        within = np.random.default_rng(seed).random(values.shape)
        within[~np.isin(values, self.values_)] = 0.5
        return ndtri(low + within * (high - low))

    def inverse_transform(self, scores: np.ndarray) -> np.ndarray:
        """(m, 1) scores -> (m, 1) values."""
        shares = np.column_stack([self.low_, self.high_]).ravel()
        return np.interp(ndtr(scores), shares, np.repeat(self.values_, 2))
