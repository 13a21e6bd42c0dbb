"""Durations and events drawn from the laws of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from scipy.stats import qmc

from ck4gen.data.precision import decimals
from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import hazard_ratio_influence
from ck4gen.methods.ck4gen.delayed_entry import DelayedEntry
from ck4gen.methods.ck4gen.event_law import event_law
from ck4gen.methods.ck4gen.follow_up_groups import FollowUpGroups, follow_up_groups
from ck4gen.methods.ck4gen.hazard_curves import HazardCurves
from ck4gen.methods.ck4gen.laws import fit_law, followed, law_of
from ck4gen.methods.ck4gen.outcomes import FittedOutcomes
from ck4gen.methods.draw import Draw
from ck4gen.survival.cox import CoxError
from ck4gen.survival.teacher import CoxTeacher

if TYPE_CHECKING:
    from ck4gen.methods.ck4gen.generated_outcomes import Generated


class GeneratedOutcomes(FittedOutcomes):
    """Event times from the teacher at the synthetic covariates, censored by its own law.

    Where causes compete, each has a time from its own teacher, and the first of them happens: the
    cause-specific hazards are then those of the teachers (Prentice et al. 1978). Where a test finds
    that the effect of a numeric is curved, the event has a model with its spline, and where one
    finds that an effect changes in time, one with another effect late. Censoring follows a Cox
    model of its own. With strata every law has a curve for each. With delayed entry a row
    enters by a law of its own, likewise; its event is that of a patient who lived so long, and its
    censoring counts from then. Draws are scrambled Sobol points dealt out in the order of risk
    (Owen 1998), so that curves of the cohort and of its risk groups carry little Monte Carlo error.

    Args:
        cohort: The training rows and their weights.
        teachers: By cause, its fitted teacher; 1 is the event.
        settings: How.
    """

    noise: ClassVar[float] = 0.35  # measured: 0.31 to 0.41 over the benchmarks; a test repeats it

    def __init__(
        self,
        cohort: WeightedCohort,
        teachers: Mapping[int, CoxTeacher],
        settings: Generated,
    ) -> None:
        duration, knots = cohort.duration, settings.averaged
        self.schema, self.settings = cohort.schema, settings
        self.integer = pd.api.types.is_integer_dtype(cohort.table[DURATION])
        self.decimals = decimals(duration)
        # a time of 0 is one that patients of the cohort have, not one that rounding makes
        self.least = 0.0 if (duration == 0).sum() >= settings.group else 10.0**-self.decimals
        self.causes: dict[int, HazardCurves] = {}
        for cause, teacher in teachers.items():
            part = cohort.by_cause[cause]
            self.causes[cause] = HazardCurves.of(part, event_law(part, teacher, settings), knots)
        self.entry = None
        prior = settings.prior_events, settings.events_per_term
        if cohort.schema.delayed_entry:
            self.entry = DelayedEntry.of(cohort, knots, *prior)
        self.censoring, self.groups = None, FollowUpGroups()
        self.ends = np.array([np.inf])  # by curve of censoring: nobody is followed longer
        rows = followed(cohort)
        if rows.duration[rows.event == 1].any():  # after time 0
            law = law_of(rows, *prior)
            if rows.stratum is None and law.coefficients.any():  # else: effects nobody has fitted
                self.groups = follow_up_groups(rows, law, knots, settings.follow_up_groups)
            if self.groups.column:
                rows = self.groups.stratified(rows)
                law = law_of(rows, *prior)
            self.censoring = HazardCurves.of(rows, law, knots)
            times, weight = rows.duration, rows.weight
            parts = self.censoring.parts(rows)
            self.ends = np.array([knots.end(times[part], weight[part]) for part in parts])

    def reached(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """By curve, which patients had its event up to each of its knots, or its change."""
        kinds = {
            "events" if cause == 1 else f"events of cause {cause}": (curves, cohort.by_cause[cause])
            for cause, curves in self.causes.items()
        }
        if self.censoring is not None:
            kinds["censoring"] = self.censoring, self._followed(cohort)
        if self.entry is not None:
            kinds["entries"] = self.entry.curves, self.entry.rows(cohort)
        events_by_curve = {
            name + f" of baseline {number}" * (number > 1): inside
            for name, (curves, rows) in kinds.items()
            for number, inside in enumerate(curves.reached(rows), 1)
        }
        for cause, curves in self.causes.items():
            if curves.changes.terms:
                early = cohort.duration <= curves.changes.after
                events_by_curve[f"change of cause {cause}"] = ((cohort.cause == cause) & early)[
                    :, None
                ]
        return events_by_curve

    def influences(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """Of terms that bend or change an effect, and of Cox models of censoring and of entry."""
        influence_by_model = {}
        for cause, curves in self.causes.items():
            beside = len(curves.curvature.names) + len(curves.changes.names)
            if beside:
                part = cohort.by_cause[cause]
                with suppress(CoxError):
                    design = curves.curvature.widened(part.design)
                    of_all = curves.changes.influence(part, design)
                    influence_by_model[f"other effects of cause {cause}"] = of_all[:, -beside:]
        laws = {}
        if self.censoring is not None:
            laws["censoring model"] = self.censoring, self._followed(cohort)
        if self.entry is not None:
            laws["entry model"] = self.entry.curves, self.entry.rows(cohort)
        for name, (law, rows) in laws.items():
            if law.coefficients.any():
                with suppress(CoxError):
                    fit = fit_law(rows, self.settings.prior_events)
                    influence_by_model[name] = hazard_ratio_influence(fit, cohort.weight)
        return influence_by_model

    def longest_times(self, cohort: WeightedCohort) -> np.ndarray:
        """(n, k) what each patient adds to the averages at which curves end, see the base class."""
        laws = [(self.causes[1], cohort)]  # whose rows are those of the other causes
        if self.censoring is not None:
            laws.append((self.censoring, self._followed(cohort)))
        by_rows: dict[tuple[bytes, bytes], np.ndarray] = {}  # mostly all laws have the same
        for curves, rows in laws:
            times, weight = rows.duration, rows.weight
            for part in curves.parts(rows):
                added = np.zeros((len(cohort), 2))
                added[part] = self.settings.averaged.late_influence(times[part], weight[part])
                by_rows[part.tobytes(), times.tobytes()] = added
        influence = np.hstack([*by_rows.values()])
        return influence[:, influence.any(0)]

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "integer": bool(self.integer),
            "decimals": self.decimals,
            "least": self.least,
            "ends": torch.from_numpy(self.ends),
            "groups": self.groups.to_state(),
            "causes": [curves.to_state() for curves in self.causes.values()],
            "censoring": None if self.censoring is None else self.censoring.to_state(),
            "entry": None if self.entry is None else self.entry.to_state(),
        }

    @classmethod
    def from_state(cls, state: dict, schema: Schema) -> GeneratedOutcomes:
        """The outcomes of :meth:`to_state` for covariates of this schema."""
        outcomes, terms = cls.__new__(cls), schema.design_names
        outcomes.schema, outcomes.integer = schema, state["integer"]
        outcomes.decimals, outcomes.least = state["decimals"], state["least"]
        outcomes.ends = state["ends"].numpy()
        outcomes.groups = FollowUpGroups.from_state(state["groups"])
        curves = [HazardCurves.from_state(curve, terms) for curve in state["causes"]]
        outcomes.causes = dict(enumerate(curves, 1))
        law, entry = state["censoring"], state["entry"]
        outcomes.entry = None if entry is None else DelayedEntry.from_state(entry, terms)
        terms = terms if entry is None else [*terms, ENTRY]
        outcomes.censoring = None if law is None else HazardCurves.from_state(law, terms)
        return outcomes

    def draw(self, covariates: pd.DataFrame, draw: Draw) -> pd.DataFrame:
        """(n, 2) new outcomes for the rows of ``covariates``; cause and entry where there are."""
        design, stratum = self.schema.design(covariates), self.schema.stratum(covariates)
        with_risk = self.causes[1].time_at(design, np.full(len(design), np.exp(-1.0)), stratum)
        laws = len(self.causes) + 1 + (self.entry is not None)
        power = int(np.ceil(np.log2(max(2, len(design)))))
        sobol = qmc.Sobol(laws, rng=np.random.default_rng(draw.seed))
        uniform = np.empty((len(design), laws))
        uniform[np.argsort(with_risk, kind="stable")] = sobol.random_base2(power)[: len(design)]
        uniform = uniform.clip(1e-12, 1)
        entry = None
        if self.entry is not None:
            entry = self.entry.draw(design, uniform[:, -1], stratum)
        times = [
            curves.time_at(design, column, stratum, entry)
            for curves, column in zip(self.causes.values(), uniform.T, strict=False)
        ]
        stops = self._stops(design, uniform[:, len(self.causes)], self._stratum(covariates), entry)
        first, happens = np.argmin(times, 0), np.min(times, 0)
        cause = np.where(happens <= stops, first + 1, 0)
        duration = np.round(np.minimum(happens, stops), self.decimals).clip(self._least(entry))
        outcome = pd.DataFrame(
            {
                DURATION: duration.astype(int) if self.integer else duration,
                EVENT: (cause == 1).astype(int),
            }
        )
        if entry is not None:
            outcome[ENTRY] = entry if self.entry and self.entry.decimals > 0 else entry.astype(int)
        return outcome.assign(**{CAUSE: cause}) if self.schema.causes else outcome

    def _followed(self, cohort: WeightedCohort) -> WeightedCohort:
        """Rows whose event is their censoring, by its strata."""
        return self.groups.stratified(followed(cohort))

    def _stratum(self, covariates: pd.DataFrame) -> np.ndarray | None:
        """(n,) numbers of the strata of censoring."""
        return self.groups.schema(self.schema).stratum(self.groups.table(covariates))

    def _stops(
        self,
        design: pd.DataFrame,
        uniform: np.ndarray,
        stratum: np.ndarray | None,
        entry: np.ndarray | None,
    ) -> np.ndarray:
        """(n,) times at which follow-up ends without an event."""
        stops = np.full(len(design), self.ends[0])
        if self.censoring is not None:
            wide = design if entry is None else design.assign(**{ENTRY: entry})
            stops = self.ends[self.censoring.curve_indices(stratum, len(design))]
            stops = np.minimum(stops, self.censoring.time_at(wide, uniform, stratum))
        return stops if entry is None else entry + stops

    def _least(self, entry: np.ndarray | None) -> float | np.ndarray:
        """The least duration; the next on the grid after each of (n,) entry times."""
        if entry is None:
            return self.least
        steps = np.floor(np.round(entry * 10.0**self.decimals, 6)) + 1
        return np.round(steps / 10.0**self.decimals, self.decimals).clip(self.least)
