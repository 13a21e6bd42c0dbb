"""Proportional hazards with a curve for each stratum, none of which shows a single patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.hazard_curve import HazardCurve
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.law import Law
from ck4gen.survival.changing_effects import ChangingEffects
from ck4gen.survival.curvature import Curvature


@dataclass(frozen=True)
class HazardCurves:
    """The curves of one law.

    Attributes:
        curves: One for all; or one for each stratum with events enough, by their number, and a
            last one for all strata with fewer, to which the smallest of the others go until it has
            enough itself.
        strata: Number of each stratum with a curve of its own -> its place; every other one,
            also one that no patient was in, has the last curve.
    """

    curves: tuple[HazardCurve, ...]
    strata: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cohort: WeightedCohort, law: Law, knots: Knots) -> HazardCurves:
        """The curves of the events of a cohort.

        Args:
            cohort: The rows and their weights.
            law: The law, whose baseline is replaced by that of each stratum.
            knots: Events averaged in a knot; a curve of its own needs ``group`` of them.
        """
        happened = cohort.event == 1
        times, weight = cohort.duration[happened], cohort.weight[happened]
        if cohort.stratum is None:
            late = knots.late(cohort.duration, cohort.weight)
            return cls((HazardCurve(law, times, weight, knots, late),))
        alone, few = _parted(cohort.stratum, happened, knots.group)
        strata = {number: curve_index for curve_index, number in enumerate(alone)}
        curve_indices = _curve_indices(cohort.stratum, strata, len(alone) + few - 1)
        curves = []
        for curve_index in range(len(alone) + few):
            rows = curve_indices == curve_index
            part = cohort.where(rows)
            design, events = law.curvature.widened(part.design), rows[happened]
            baseline = law.changes.baseline(part, design, law.coefficients, law.means)
            late = knots.late(part.duration, part.weight)
            of_part = law._replace(baseline=baseline)
            curves.append(HazardCurve(of_part, times[events], weight[events], knots, late))
        return cls(tuple(curves), strata)

    @property
    def coefficients(self) -> pd.Series:
        """Log hazard ratios, which the curves share."""
        return self.curves[0].coefficients

    @property
    def curvature(self) -> Curvature:
        """Splines, likewise."""
        return self.curves[0].curvature

    @property
    def changes(self) -> ChangingEffects:
        """Changes in time, likewise."""
        return self.curves[0].changes

    def curve_indices(self, stratum: np.ndarray | None, rows: int) -> np.ndarray:
        """(n,) numbers of strata -> (n,) places of their curves.

        Args:
            stratum: Numbers; None without strata.
            rows: n.
        """
        if stratum is None:
            return np.zeros(rows, int)
        return _curve_indices(stratum, self.strata, len(self.curves) - 1)

    def parts(self, cohort: WeightedCohort) -> list[np.ndarray]:
        """For each curve, (n,) which rows of a cohort have it."""
        curve_indices = self.curve_indices(cohort.stratum, len(cohort))
        return [curve_indices == curve_index for curve_index in range(len(self.curves))]

    def time_at(
        self,
        design: pd.DataFrame,
        uniform: np.ndarray,
        stratum: np.ndarray | None = None,
        after: np.ndarray | None = None,
    ) -> np.ndarray:
        """(n,) times at which survival falls to ``uniform``, of those who live ``after`` a time.

        Args:
            design: (n, p) terms.
            uniform: (n,) shares of 1.
            stratum: (n,) numbers of the strata; None without strata.
            after: (n,) times that they are known to have reached; None for 0.
        """
        if stratum is None or len(self.curves) == 1:
            return self.curves[0].time_at(design, uniform, after)
        times, curve_indices = np.empty(len(design)), self.curve_indices(stratum, len(design))
        for curve_index, curve in enumerate(self.curves):
            rows = curve_indices == curve_index
            late = None if after is None else after[rows]
            times[rows] = curve.time_at(design[rows], uniform[rows], late)
        return times

    def reached(self, cohort: WeightedCohort) -> Iterator[np.ndarray]:
        """For each curve, (n, k) which patients had the event up to each of its knots.

        And up to half of the first, for the shape of the curve before it.

        Args:
            cohort: Rows of the cohort that it is of.
        """
        happened, duration = cohort.event == 1, cohort.duration[:, None]
        for curve, part in zip(self.curves, self.parts(cohort), strict=True):
            half = curve.time[1 : 1 + (curve.shape != 1)] / 2
            yield (happened & part)[:, None] & (duration <= np.r_[half, curve.time[1:]])

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {"curves": [curve.to_state() for curve in self.curves], "strata": dict(self.strata)}

    @classmethod
    def from_state(cls, state: dict, terms: list[str]) -> HazardCurves:
        """The curves of :meth:`to_state` for a design with these terms."""
        curves = tuple(HazardCurve.from_state(curve, terms) for curve in state["curves"])
        return cls(curves, state["strata"])


def _curve_indices(stratum: np.ndarray, strata: Mapping[int, int], last: int) -> np.ndarray:
    return np.array([strata.get(int(number), last) for number in stratum], int)


def _parted(stratum: np.ndarray, happened: np.ndarray, fewest: int) -> tuple[list[int], bool]:
    """Strata with a curve of their own, by their events, and whether others share one."""
    numbers, stratum_index = np.unique(stratum, return_inverse=True)
    events = np.bincount(stratum_index, happened, len(numbers))
    order = [int(i) for i in np.argsort(events, kind="stable")]
    few = [i for i in order if events[i] < fewest]
    alone = [i for i in order if events[i] >= fewest]
    while few and alone and events[few].sum() < fewest:
        few.append(alone.pop(0))
    return [int(numbers[i]) for i in alone], bool(few)
