"""Scores of the hazards that no single patient can move far."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ck4gen.described.hazards import Hazards, risks
from ck4gen.private.mechanism import clipped
from ck4gen.private.simulated import Simulated

TINY = 1e-12


@dataclass(frozen=True)
class BoundedScores:
    """Efficient scores of patients, in standard errors, of whom none adds more than a bound.

    Cutting a score that is too long biases it: the rare event of an unusual patient is cut, and
    what is expected of all the others like this one is not. So a patient far from the others has a
    smaller weight, and is followed until the expected events reach what the bound holds. Both hang
    on the covariates alone, so that scores have mean 0 for each patient under independent
    censoring, whatever other patients are like (conditionally unbiased bounded influence, after
    Kuensch, Stefanski and Carroll 1989; weights and stopping are our choice). The few scores that
    are still too long are cut.

    Attributes:
        hazards: Where scores are taken; means are those of the weighted patients at risk.
        coefficients: (p,) log hazard ratios, likewise.
        whitening: (p, p) what turns scores into standard errors.
        bound: Norm that no patient exceeds.
        followed: Bounds that the expected part of a score may fill before a patient is left.
        centre: (p,) mean of the covariates of the events.
    """

    hazards: Hazards
    coefficients: np.ndarray
    whitening: np.ndarray
    bound: float
    followed: float
    centre: np.ndarray

    @classmethod
    def at(
        cls,
        hazards: Hazards,
        coefficients: np.ndarray,
        whitening: np.ndarray,
        bound: float,
        followed: float,
        simulated: Simulated,
    ) -> BoundedScores:
        """The scores at an estimate.

        Args:
            hazards: Its hazards.
            coefficients: (p,) the estimate.
            whitening: (p, p) what turns scores into standard errors.
            bound: Norm that no patient exceeds.
            followed: Bounds that the expected part of a score may fill.
            simulated: Patients from whom the means at risk are taken.
        """
        events = simulated.events
        centre = events @ hazards.means / max(events.sum(), TINY)
        blank = cls(hazards, coefficients, whitening, bound, followed, centre)
        means = hazards.weighted_means(simulated.x, coefficients, *blank.weights(simulated.x))
        return replace(blank, hazards=replace(hazards, means=means))

    def weights(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n,) weights of patients, and (n,) times until which they are followed."""
        length = np.linalg.norm((x - self.centre) @ self.whitening, axis=1).clip(TINY)
        weight = np.minimum(1.0, self.bound / length)
        most = self.followed * self.bound / (weight * length * risks(x, self.coefficients))
        return weight, self.hazards.time_of(self.hazards.event, most)

    def whole(
        self,
        x: np.ndarray,
        time: np.ndarray,
        event: np.ndarray,
        truth: tuple[Hazards, np.ndarray] | None = None,
    ) -> np.ndarray:
        """(n, p) weighted scores before the last cut.

        Args:
            x: (n, p) terms.
            time: (n,) times.
            event: (n,) events.
            truth: Hazards and log hazard ratios by which events are expected, if not those of
                the estimate. Where they hold the mean is 0.
        """
        weight, until = self.weights(x)
        hazards, coefficients = self.hazards, self.coefficients
        if truth is not None:
            hazards, coefficients = replace(hazards, event=truth[0].event), truth[1]
        followed = hazards.scores(x, np.minimum(time, until), event * (time <= until), coefficients)
        scores: np.ndarray = followed @ self.whitening * weight[:, None]
        return scores

    def __call__(self, x: np.ndarray, time: np.ndarray, event: np.ndarray) -> np.ndarray:
        """(n, p) scores."""
        return clipped(self.whole(x, time, event), self.bound)
