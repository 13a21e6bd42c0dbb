"""When patients come under observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.precision import decimals
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.hazard_curves import HazardCurves
from ck4gen.methods.ck4gen.laws import law_of, timed


@dataclass(frozen=True)
class DelayedEntry:
    """Entry times of the patients that were seen, given their covariates.

    They follow a Cox model where covariates matter, else one curve. It is that of patients who
    lived to their entry, as the rows of a cohort are: events are then drawn after it.

    Attributes:
        curves: The curves, entry being the event.
        last: Nobody enters later: the mean of the latest entries.
        decimals: Decimal places of an entry time.
    """

    curves: HazardCurves
    last: float
    decimals: int

    @classmethod
    def of(cls, cohort: WeightedCohort, group: int, significance: float) -> DelayedEntry:
        """The law of the entry times of a cohort.

        Args:
            cohort: The rows and their weights.
            group: Patients averaged in a knot, and in the last time.
            significance: Level of the test that covariates matter.
        """
        rows = entries(cohort)
        times = rows.duration
        last = np.argsort(times, kind="stable")[-group:]
        return cls(
            HazardCurves.of(rows, law_of(rows, significance), group),
            float(np.average(times[last], weights=rows.weight[last])),
            decimals(times),
        )

    def draw(
        self, design: pd.DataFrame, uniform: np.ndarray, stratum: np.ndarray | None
    ) -> np.ndarray:
        """(n,) entry times for the rows of ``design``."""
        times = np.minimum(self.curves.time_at(design, uniform, stratum), self.last)
        return np.round(times, self.decimals)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        curves = self.curves.to_state()
        return {"curves": curves, "last": self.last, "decimals": self.decimals}

    @classmethod
    def from_state(cls, state: dict, terms: list[str]) -> DelayedEntry:
        """The law of :meth:`to_state`."""
        curves = HazardCurves.from_state(state["curves"], terms)
        return cls(curves, state["last"], state["decimals"])


def entries(cohort: WeightedCohort) -> WeightedCohort:
    """Rows whose event is their entry.

    Raises:
        ValueError: The cohort has no delayed entry.
    """
    if cohort.entry is None:
        raise ValueError("the cohort has no delayed entry")
    return timed(cohort, cohort.entry, np.ones(len(cohort)))
