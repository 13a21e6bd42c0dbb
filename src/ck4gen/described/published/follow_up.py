"""Counts of events and of censored patients in time, from a survival curve and one total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.optimize import brentq

FINE = 4000  # stretches of time over which integrals run
MOST = 1000.0  # power of the censoring curve, at most


@dataclass(frozen=True)
class FollowUp:
    """Shares of the patients that leave in each stretch of time.

    Attributes:
        cuts: (k + 1,) times from 0 to the horizon.
        events: (k,) share with the event between two times.
        censored: (k,) share that is censored there.
    """

    cuts: np.ndarray
    events: np.ndarray
    censored: np.ndarray


def follow_up(
    survival: Mapping[float, float],
    horizon: float,
    events: float,
    stretches: int,
    at_risk: Mapping[float, float] = MappingProxyType({}),
) -> FollowUp:
    """Follow-up under which so many have the event.

    Hazards are constant between the points of the curve, and beyond its last one as before it.
    Patients would be followed beyond time t, whatever their covariates, with the probability that
    the numbers at risk tell (over the survival, as in Guyot 2012), and from the last of them, or
    from 0 where none are known, as a power of the share of time that is left: 1 is steady
    recruitment up to the end of the study, 0 is none lost. The power is the one with which the
    number of events comes out.

    Args:
        survival: Kaplan-Meier estimate by time, in the order of time.
        horizon: End of follow-up.
        events: Share of the patients with the event.
        stretches: Stretches of equal length that are cut at the points of the curve as well.
        at_risk: Share of the patients at risk by time, in the order of time; may be empty.
    """
    grid = np.linspace(0, horizon, stretches + 1)
    cuts = np.unique(np.r_[grid, list(survival), list(at_risk)])
    fine = np.unique(np.r_[np.linspace(0, horizon, FINE + 1), cuts])
    alive = _curve(survival, fine)
    middle = (fine[1:] + fine[:-1]) / 2
    happens = -np.diff(alive)

    times = np.r_[0.0, list(at_risk)]
    followed_share = np.r_[1.0, np.array(list(at_risk.values())) / _curve(survival, times[1:])]
    followed_share = np.minimum.accumulate(followed_share)

    def followed(moment: np.ndarray, power: float) -> np.ndarray:
        left = ((horizon - moment) / max(horizon - times[-1], 1e-9)).clip(0, 1)
        return np.interp(moment, times, followed_share) * left**power

    def surplus(power: float) -> float:
        return float(happens @ followed(middle, power)) - events

    power = 0.0 if surplus(0.0) <= 0 else MOST
    if surplus(0.0) > 0 > surplus(MOST):
        power = brentq(surplus, 0.0, MOST)
    staying = followed(fine, power)
    shares = (
        happens * (staying[1:] + staying[:-1]) / 2,
        -np.diff(staying) * (alive[1:] + alive[:-1]) / 2,
    )
    return FollowUp(cuts, *(np.histogram(middle, cuts, weights=each)[0] for each in shares))


def _curve(survival: Mapping[float, float], times: np.ndarray) -> np.ndarray:
    """(n,) survival at these times, for hazards that are constant between the points."""
    knots = np.r_[0.0, list(survival)]
    cumulative = -np.log(np.r_[1.0, list(survival.values())])
    last = (cumulative[-1] - cumulative[-2]) / (knots[-1] - knots[-2])
    beyond = np.maximum(times - knots[-1], 0) * last
    curve: np.ndarray = np.exp(-np.interp(times, knots, cumulative) - beyond)
    return curve
