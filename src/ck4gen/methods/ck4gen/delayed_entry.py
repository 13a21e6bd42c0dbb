"""When patients come under observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.precision import decimals
from ck4gen.data.schema import ENTRY
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.hazard_curves import HazardCurves
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.laws import law_of, timed


@dataclass(frozen=True)
class DelayedEntry:
    """Entry times of the patients that were seen, given their covariates.

    They follow a Cox model where covariates matter, else one curve. It is that of patients who
    lived to their entry, as the rows of a cohort are: events are then drawn after it.

    Attributes:
        curves: The curves of the time from ``origin`` to the entry, which is their event.
        origin: Nobody enters sooner: where the earliest entries begin, if they are even.
        last: Nobody enters later: the mean of the latest entries.
        decimals: Decimal places of an entry time.
    """

    curves: HazardCurves
    origin: float
    last: float
    decimals: int

    @classmethod
    def of(
        cls, cohort: WeightedCohort, knots: Knots, prior_events: float, events_per_term: float
    ) -> DelayedEntry:
        """The law of the entry times of a cohort.

        Args:
            cohort: The rows and their weights, of a cohort with delayed entry.
            knots: Patients averaged in a knot; ``group`` of them in the first and last time.
            prior_events: See :func:`law_of`.
            events_per_term: Likewise.
        """
        times, group = cohort.table[ENTRY].to_numpy(float), knots.group
        order = np.argsort(times, kind="stable")

        def mean(rows: np.ndarray) -> float:
            return float(np.average(times[rows], weights=cohort.weight[rows]))

        origin = 0.0
        if len(order) >= 2 * group:
            # half of a step below the mean of the earliest: the earliest itself is one patient's
            early = mean(order[:group])
            origin = max(0.0, early - (mean(order[group : 2 * group]) - early) / 2)
        rows = _since(cohort, origin)
        curves = HazardCurves.of(rows, law_of(rows, prior_events, events_per_term), knots)
        return cls(curves, origin, mean(order[-group:]), decimals(times))

    def rows(self, cohort: WeightedCohort) -> WeightedCohort:
        """Rows whose event is their entry."""
        return _since(cohort, self.origin)

    def draw(
        self, design: pd.DataFrame, uniform: np.ndarray, stratum: np.ndarray | None
    ) -> np.ndarray:
        """(n,) entry times for the rows of ``design``."""
        times = self.origin + self.curves.time_at(design, uniform, stratum)
        return np.round(np.minimum(times, self.last), self.decimals)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        plain = {"origin": self.origin, "last": self.last, "decimals": self.decimals}
        return {"curves": self.curves.to_state()} | plain

    @classmethod
    def from_state(cls, state: dict, terms: list[str]) -> DelayedEntry:
        """The law of :meth:`to_state`."""
        return cls(**state | {"curves": HazardCurves.from_state(state["curves"], terms)})


def _since(cohort: WeightedCohort, origin: float) -> WeightedCohort:
    times = cohort.table[ENTRY].to_numpy(float) - origin
    return timed(cohort, times.clip(0), np.ones(len(cohort)))
