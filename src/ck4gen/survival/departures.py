"""What a hazard has beyond straight effects that never change: bends, and effects of periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import torch

from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.schema import DURATION, ENTRY, EVENT
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import hazard_ratio_influence
from ck4gen.survival.breslow import breslow
from ck4gen.survival.cox import CoxFit, standardise
from ck4gen.survival.newton import maximise
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets

SHARES = (0.05, 1 / 3, 2 / 3, 0.95)  # of the knots: both ends, and the thirds
LEAST_OWN = 0.01  # share of a term's variance that others must not explain; below, it has no scale
ALWAYS = -1.0  # an entry before time 0, at which a patient may have the event


@dataclass(frozen=True)
class PatientPeriods:
    """A row for each period that a patient was followed in.

    Attributes:
        cohort: The rows, each at risk in its period alone.
        patient: (m,) places of the patients in their own cohort.
        period: (m,) numbers of the periods, from 0.
    """

    cohort: WeightedCohort
    patient: np.ndarray
    period: np.ndarray


@dataclass(frozen=True)
class Departures:
    """Terms beside those of a Cox design.

    A bend of a numeric is max(x - knot, 0): with several its effect is straight from knot to knot.
    In each period after the first one every term of the design may have another effect.

    Attributes:
        knots: By column, where its effect bends.
        cuts: (k,) last times of all periods but the last, rising.
        centre: (p,) means of the design, from which effects change in time.
    """

    knots: Mapping[str, np.ndarray] = field(default_factory=dict)
    cuts: np.ndarray = field(default_factory=lambda: np.empty(0))
    centre: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def periods(self) -> int:
        """Their number."""
        return len(self.cuts) + 1

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self.knots) or self.periods > 1

    def names(self, terms: list[str]) -> list[str]:
        """The terms of a design, and those beside them."""
        bends = [
            f"{name} bent at {at}" for name, knots in self.knots.items() for at in range(len(knots))
        ]
        later = range(1, self.periods)
        return [*terms, *bends, *(f"{name} in period {at}" for at in later for name in terms)]

    def terms(self, design: pd.DataFrame, period: np.ndarray | int = 0) -> pd.DataFrame:
        """(n, p) design -> (n, q) with all terms, for rows in a period."""
        if not self.any:
            return design
        x = design.to_numpy(float)
        parts = [x] + [
            np.clip(design[name].to_numpy()[:, None] - knots, 0, None)
            for name, knots in self.knots.items()
        ]
        for later in range(1, self.periods):
            parts.append((x - self.centre) * np.reshape(period == later, (-1, 1)))
        return pd.DataFrame(np.hstack(parts), design.index, self.names(list(design)))

    def split(self, cohort: WeightedCohort) -> PatientPeriods:
        """The rows of a cohort, period by period."""
        n = len(cohort)
        if not len(self.cuts):
            return PatientPeriods(cohort, np.arange(n), np.zeros(n, int))
        entry = np.full(n, ALWAYS) if cohort.entry is None else cohort.entry
        ends, starts = np.r_[self.cuts, np.inf], np.r_[ALWAYS, self.cuts]
        there = (cohort.duration > starts[:, None]) & (entry < ends[:, None])
        period, patient = np.nonzero(there)
        duration = np.minimum(cohort.duration[patient], ends[period])
        table = cohort.table.iloc[patient].assign(
            **{
                DURATION: duration,
                EVENT: cohort.event[patient] * (duration == cohort.duration[patient]),
                ENTRY: np.maximum(entry[patient], starts[period]),
            }
        )
        schema = replace(cohort.schema, delayed_entry=True)
        rows = WeightedCohort(table.reset_index(drop=True), schema, cohort.weight[patient])
        return PatientPeriods(rows, patient, period)

    def fit(self, cohort: WeightedCohort, prior_events: float) -> CoxFit:
        """The Cox model of all terms, on a row for each period of each patient.

        Terms beside those of the design are shrunk to 0, as if so many events without an effect of
        theirs had been seen as well: a ridge of that number times the part of their variance that
        the design does not explain.

        Args:
            cohort: The rows and their weights.
            prior_events: That number.

        Raises:
            CoxError: There is no finite estimate.
        """
        split = self.split(cohort)
        rows, design = split.cohort, self.terms(split.cohort.design, split.period)
        z, scale = standardise(design, rows.weight)
        penalty = prior_events * _unexplained(z, rows.weight, cohort.design.shape[1])
        sets = RiskSets(rows.duration, rows.event, rows.weight, rows.stratum, rows.entry)
        likelihood = PartialLikelihood(sets, z)
        found, point, iterations = maximise(likelihood, penalty, np.zeros(len(scale)))
        coefficients = pd.Series(found / scale, design.columns)
        return CoxFit(coefficients, point.information, iterations, likelihood, scale)

    def baseline(
        self, cohort: WeightedCohort, coefficients: pd.Series, means: pd.Series
    ) -> pd.Series:
        """Cumulative hazard of a patient with these means of all terms, indexed by event time.

        Args:
            cohort: The rows and their weights.
            coefficients: (q,) log hazard ratios of all terms.
            means: (q,) values of the terms.
        """
        split = self.split(cohort)
        return breslow(
            split.cohort, self.terms(split.cohort.design, split.period), coefficients, means
        )

    def influence(self, cohort: WeightedCohort, prior_events: float) -> np.ndarray:
        """(n, q - p) what each patient of weight 1 adds to the shrunk coefficients of a fit.

        Those of the design follow from them and from the model without them.
        """
        split, straight = self.split(cohort), cohort.design.shape[1]
        by_row = hazard_ratio_influence(self.fit(cohort, prior_events), split.cohort.weight)
        influence = np.zeros((len(cohort), by_row.shape[1] - straight))
        np.add.at(influence, split.patient, by_row[:, straight:])
        return influence

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "knots": {name: torch.from_numpy(knots) for name, knots in self.knots.items()},
            "cuts": torch.from_numpy(self.cuts),
            "centre": torch.from_numpy(self.centre),
        }

    @classmethod
    def from_state(cls, state: dict) -> Departures:
        """The departures of :meth:`to_state`."""
        knots = {name: values.numpy() for name, values in state["knots"].items()}
        return cls(knots, state["cuts"].numpy(), state["centre"].numpy())


def departures(cohort: WeightedCohort, periods: int, group: int) -> Departures:
    """The bends and periods that a cohort has patients enough for.

    Args:
        cohort: The rows and their weights.
        periods: How many, at most; each has as many events as any other.
        group: Patients averaged in a knot or a time, and at least on each of its sides.
    """
    knots = {}
    for name in cohort.schema.of_kind("numeric"):
        if name not in cohort.design:
            continue  # it follows from other columns
        values = cohort.design[name].to_numpy(float)
        found = {averaged_quantile(values, cohort.weight, share, group) for share in SHARES}
        kept = [k for k in sorted(found) if min((values > k).sum(), (values <= k).sum()) >= group]
        if kept and len(np.unique(values)) > 2:  # a bend between two values is straight
            knots[name] = np.array(kept)
    return Departures(knots, _cuts(cohort, periods, group), cohort.mean.to_numpy())


def _cuts(cohort: WeightedCohort, periods: int, group: int) -> np.ndarray:
    """Times that part the events in equal numbers, fewer where a period would have too few."""
    happened = cohort.event == 1
    times, weight = cohort.duration[happened], cohort.weight[happened]
    for number in range(periods, 1, -1):
        shares = np.arange(1, number) / number
        cuts = np.array([averaged_quantile(times, weight, share, group) for share in shares])
        if np.bincount(np.searchsorted(cuts, times), minlength=number).min() >= group:
            return cuts
    return np.empty(0)


def _unexplained(z: np.ndarray, weight: np.ndarray, straight: int) -> np.ndarray:
    """(q,) share of the variance of each term that the first ones leave; 0 for these themselves."""
    root = np.sqrt(weight / weight.sum())[:, None]
    known, added = z[:, :straight] * root, z[:, straight:] * root
    rest = added - known @ np.linalg.lstsq(known, added, rcond=None)[0]
    return np.r_[np.zeros(straight), (rest**2).sum(0).clip(LEAST_OWN)]
