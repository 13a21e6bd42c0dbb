"""Patients drawn from a release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ck4gen.described.hazards import Hazards


@dataclass(frozen=True)
class Simulated:
    """Patients that a description draws, on whom everything but the private sum is worked out.

    Attributes:
        x: (m, p) terms.
        uniform: (m, 2) what their times are drawn from.
        cuts: (k + 1,) times.
        events: (k,) share with the event between them.
        censored: (k,) share that is censored.
    """

    x: np.ndarray
    uniform: np.ndarray
    cuts: np.ndarray
    events: np.ndarray
    censored: np.ndarray

    def hazards(self, coefficients: np.ndarray) -> Hazards:
        """The hazards at these log hazard ratios."""
        return Hazards.of_counts(self.x, coefficients, self.cuts, self.events, self.censored)
