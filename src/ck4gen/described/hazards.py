"""Hazards of event and of censoring that run constant between public times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TINY = 1e-300
ROUNDS = 30  # of the search for the hazards of one stretch of time
LARGEST = 20.0  # log hazard ratio of a patient, at most
FINAL = 0.99  # share of those at risk that leave in a stretch, at most, for a hazard to be finite


@dataclass(frozen=True)
class Hazards:
    """Proportional hazards of the event and a common one of censoring, both piecewise constant.

    Attributes:
        cuts: (k + 1,) times; the last one is the horizon, at which all others are censored.
        event: (k,) hazard of the event of a patient with risk 1.
        censoring: (k,) hazard of being censored.
        means: (k, p) mean of the covariates over those at risk, by their risk.
        information: (p, p) information of the Poisson likelihood for each patient.
    """

    cuts: np.ndarray
    event: np.ndarray
    censoring: np.ndarray
    means: np.ndarray
    information: np.ndarray

    @classmethod
    def of_counts(
        cls,
        x: np.ndarray,
        coefficients: np.ndarray,
        cuts: np.ndarray,
        events: np.ndarray,
        censored: np.ndarray,
    ) -> Hazards:
        """The hazards at which patients with these covariates have these counts.

        Args:
            x: (n, p) covariates of the patients.
            coefficients: (p,) log hazard ratios.
            cuts: (k + 1,) times.
            events: (k,) share of the patients with the event between them.
            censored: (k,) share that is censored.
        """
        risk, alive = risks(x, coefficients), np.ones(len(x))
        hazards = np.zeros((2, len(events)))
        means, information = np.zeros((len(events), x.shape[1])), np.zeros((x.shape[1],) * 2)
        for interval, length in enumerate(np.diff(cuts)):
            left = alive.mean()
            leaving = events[interval] + censored[interval]
            shrunk = min(1.0, FINAL * left / max(leaving, TINY))
            targets = shrunk * events[interval], shrunk * censored[interval]
            rates = _rates(risk, alive, length, *targets)
            hazards[:, interval] = rates
            total = np.maximum(rates[0] * risk + rates[1], TINY)
            exposure = alive * -np.expm1(-total * length) / total
            weight = exposure * risk
            means[interval] = weight @ x / max(weight.sum(), TINY)
            centred = x - means[interval]
            information += rates[0] * (centred * weight[:, None]).T @ centred / len(x)
            alive = alive * np.exp(-total * length)
        return cls(cuts, hazards[0], hazards[1], means, information)

    def draw(
        self, x: np.ndarray, coefficients: np.ndarray, uniform: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(n,) times and (n,) events of patients with covariates x, from (n, 2) uniforms."""
        waits = -np.log(uniform)
        happens = self.time_of(self.event, waits[:, 0] / risks(x, coefficients))
        stops = self.time_of(self.censoring, waits[:, 1])
        time = np.minimum(np.minimum(happens, stops), self.cuts[-1])
        return time, ((happens <= stops) & np.isfinite(happens)).astype(float)

    def time_of(self, hazard: np.ndarray, target: np.ndarray) -> np.ndarray:
        """(n,) times at which the cumulative hazard is as wanted; infinite beyond the horizon."""
        cumulative = np.r_[0.0, (hazard * np.diff(self.cuts)).cumsum()]
        cumulative = cumulative + np.arange(len(cumulative)) * TINY
        return np.where(target > cumulative[-1], np.inf, np.interp(target, cumulative, self.cuts))

    def scores(
        self, x: np.ndarray, time: np.ndarray, event: np.ndarray, coefficients: np.ndarray
    ) -> np.ndarray:
        """(n, p) efficient scores of the patients for the log hazard ratios.

        Covariates, less their mean over those at risk, times events less expected ones, over the
        time of each patient: orthogonal to the baseline, so that its errors hardly matter.
        """
        lengths = np.diff(self.cuts)
        interval = np.searchsorted(self.cuts[1:-1], time, side="left")
        into = time - self.cuts[interval]
        cumulative = (
            np.r_[0.0, (self.event * lengths).cumsum()][interval] + self.event[interval] * into
        )
        stretches = (self.event * lengths)[:, None] * self.means
        weighed = np.vstack([np.zeros(x.shape[1]), stretches.cumsum(0)])[interval]
        weighed = weighed + (self.event[interval] * into)[:, None] * self.means[interval]
        risk = risks(x, coefficients)[:, None]
        return event[:, None] * (x - self.means[interval]) - risk * (
            x * cumulative[:, None] - weighed
        )

    def weighted_means(
        self, x: np.ndarray, coefficients: np.ndarray, weight: np.ndarray, until: np.ndarray
    ) -> np.ndarray:
        """(k, p) mean of the covariates over those at risk, by risk and by a weight.

        Args:
            x: (n, p) covariates.
            coefficients: (p,) log hazard ratios.
            weight: (n,) weights.
            until: (n,) times until which patients are followed.
        """
        risk, alive, means = risks(x, coefficients), np.ones(len(x)), self.means.copy()
        for interval, start in enumerate(self.cuts[:-1]):
            total = np.maximum(self.event[interval] * risk + self.censoring[interval], TINY)
            length = self.cuts[interval + 1] - start
            followed = (until - start).clip(0, length)
            at_risk = weight * risk * alive * -np.expm1(-total * followed) / total
            if at_risk.sum() > TINY:
                means[interval] = at_risk @ x / at_risk.sum()
            alive = alive * np.exp(-total * length)
        return means


def risks(x: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """(n,) hazard ratios of patients against one with terms 0, within what a number can hold."""
    ratios: np.ndarray = np.exp((x @ coefficients).clip(-LARGEST, LARGEST))
    return ratios


def quadratic_cuts(horizon: float, stretches: int) -> np.ndarray:
    """(k + 1,) times from 0 to the horizon, closer together at first, where hazards change."""
    return horizon * (np.arange(stretches + 1) / stretches) ** 2


def _rates(
    risk: np.ndarray, alive: np.ndarray, length: float, events: float, censored: float
) -> tuple[float, float]:
    """Hazards of a stretch at which so many of all have the event, and are censored."""
    event = events / max((alive * risk).mean() * length, TINY)
    censoring = censored / max(alive.mean() * length, TINY)
    for _ in range(ROUNDS):
        total = np.maximum(event * risk + censoring, TINY)
        leaves = alive * -np.expm1(-total * length) / total
        happened, stopped = event * (leaves * risk).mean(), censoring * leaves.mean()
        event *= np.clip(events / max(happened, TINY), 0.2, 5) if events > 0 else 0.0
        censoring *= np.clip(censored / max(stopped, TINY), 0.2, 5) if censored > 0 else 0.0
        if abs(happened - events) + abs(stopped - censored) < 1e-9:
            break
    return float(event), float(censoring)
