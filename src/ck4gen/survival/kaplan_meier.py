"""Survival curves as exact step functions, and the area between two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sksurv.nonparametric import kaplan_meier_estimator

from ck4gen.data.schema import DURATION, EVENT


@dataclass(frozen=True)
class Curve:
    """A right-continuous step function, held at its last value after its last time.

    Attributes:
        times: (k,) times, sorted.
        values: (k,) its value from each of them on, as the probability of survival.
        start: Its value before the first one.
    """

    times: np.ndarray
    values: np.ndarray
    start: float = 1.0

    def at(self, times: np.ndarray) -> np.ndarray:
        """The value at each of ``times``."""
        padded = np.r_[self.start, self.values]
        return padded[np.searchsorted(self.times, times, side="right")]


def kaplan_meier(table: pd.DataFrame) -> Curve:
    """Kaplan-Meier curve of a table."""
    event, duration = table[EVENT].to_numpy(bool), table[DURATION].to_numpy(float)
    return Curve(*kaplan_meier_estimator(event, duration))


def curve_difference(real: Curve, synthetic: Curve, horizon: float, absolute: bool) -> float:
    """Exact integral over [0, horizon] of synthetic - real, or of its absolute value."""
    knots = np.unique(np.r_[0.0, real.times, synthetic.times, horizon])
    knots = knots[knots <= horizon]
    gap = (synthetic.at(knots) - real.at(knots))[:-1]
    return float(np.sum((np.abs(gap) if absolute else gap) * np.diff(knots)))
