"""Survival curves as exact step functions, and the area between two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sksurv.nonparametric import kaplan_meier_estimator

from ck4gen.data.schema import DURATION, ENTRY, EVENT


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


def kaplan_meier(table: pd.DataFrame, since: float | None = None) -> Curve:
    """Kaplan-Meier curve of a table.

    With delayed entry patients are at risk from their entry on.

    Args:
        table: (n, >= 2) rows with duration and event.
        since: The curve is that of those who live to this time; None for 0.

    Raises:
        ValueError: There are no patients, or a time is negative or not finite.
    """
    event, duration = table[EVENT].to_numpy(bool), table[DURATION].to_numpy(float)
    if ENTRY in table:
        entry = table[ENTRY].to_numpy(float)
        return Curve(*kaplan_meier_estimator(event, duration, entry, time_min=since))
    if not len(duration) or not ((duration >= 0) & (duration < np.inf)).all():
        raise ValueError("a curve needs patients, with finite times of at least 0")
    # as scikit-survival does, which takes 20 times as long: it counts row by row
    times, time_index, left = np.unique(duration, return_inverse=True, return_counts=True)
    events = np.bincount(time_index[event], minlength=len(times))
    at_risk = len(duration) - np.r_[0, left[:-1].cumsum()]
    kept = slice(None) if since is None else times >= since
    return Curve(times[kept], (1 - events / at_risk)[kept].cumprod())


def observed_since(table: pd.DataFrame, fewest: int) -> float | None:
    """First time from which on ``fewest`` patients are at risk; None without delayed entry.

    The first to enter are few, and one event among them would be half of the curve.

    Raises:
        ValueError: So many are never at risk at once.
    """
    if ENTRY not in table:
        return None
    entered, ended = (np.sort(table[name].to_numpy(float)) for name in (ENTRY, DURATION))
    times = np.unique(entered)  # no time of an event: the curve would begin with its drop
    at_risk = (np.searchsorted(ends, times, side="right") for ends in (entered, ended))
    enough = times[np.subtract(*at_risk) >= fewest]
    if not len(enough):
        raise ValueError(f"{fewest} patients are never at risk at once, since they enter late")
    return float(enough[0])


def last_time(table: pd.DataFrame) -> float:
    """T, the end of the curve of a table.

    Raises:
        ValueError: Every duration is 0.
    """
    horizon = float(table[DURATION].max())
    if horizon == 0:
        raise ValueError("every real duration is 0")
    return horizon


def curve_difference(real: Curve, synthetic: Curve, horizon: float, absolute: bool) -> float:
    """Exact integral over [0, horizon] of synthetic - real, or of its absolute value."""
    knots = np.unique(np.r_[0.0, real.times, synthetic.times, horizon])
    knots = knots[knots <= horizon]
    gap = (synthetic.at(knots) - real.at(knots))[:-1]
    return float(np.sum((np.abs(gap) if absolute else gap) * np.diff(knots)))
