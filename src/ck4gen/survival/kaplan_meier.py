"""Kaplan-Meier curves as exact step functions, and the area between two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sksurv.nonparametric import kaplan_meier_estimator

from ck4gen.data.schema import DURATION, EVENT


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier estimate, right-continuous, held at its last value after its last time."""

    times: np.ndarray
    survival: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        """S(t) at each of ``times``."""
        padded = np.r_[1.0, self.survival]
        return padded[np.searchsorted(self.times, times, side="right")]


def kaplan_meier(table: pd.DataFrame) -> Curve:
    """Kaplan-Meier curve of a table."""
    event, duration = table[EVENT].to_numpy(bool), table[DURATION].to_numpy(float)
    return Curve(*kaplan_meier_estimator(event, duration))


def curve_difference(real: Curve, synthetic: Curve, horizon: float, absolute: bool) -> float:
    """Exact integral over [0, horizon] of S_synthetic - S_real, or of its absolute value."""
    knots = np.unique(np.r_[0.0, real.times, synthetic.times, horizon])
    knots = knots[knots <= horizon]
    gap = (synthetic.at(knots) - real.at(knots))[:-1]
    return float(np.sum((np.abs(gap) if absolute else gap) * np.diff(knots)))
