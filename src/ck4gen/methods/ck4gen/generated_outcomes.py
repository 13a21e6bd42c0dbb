"""Outcomes drawn anew: event times from the teacher, censoring from a law of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.stats import qmc

from ck4gen.constraints import NonNegative, Positive, check_fields
from ck4gen.data.precision import decimals
from ck4gen.data.schema import CAUSE, DURATION, EVENT, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import hazard_ratio_influence
from ck4gen.methods.ck4gen.hazard_curve import HazardCurve
from ck4gen.methods.ck4gen.outcomes import FittedOutcomes, Outcomes
from ck4gen.methods.draw import Draw
from ck4gen.survival.cox import CoxError, CoxFit, fit_cox
from ck4gen.survival.curvature import Curvature, curvature
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets
from ck4gen.survival.teacher import CoxTeacher


@dataclass(frozen=True)
class Generated(Outcomes):
    """Event times from the teacher at the synthetic covariates, censored by a law of its own.

    Args:
        group: Patients averaged in one knot of a curve.
        censoring_significance: Level at which censoring is found to depend on covariates.
        curvature_significance: Level at which the effect of a numeric on the event is found to
            be curved.

    Raises:
        InputError: A value is wrong.
    """

    group: Positive
    censoring_significance: NonNegative
    curvature_significance: NonNegative

    copied: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields("method.outcomes", self)

    def fit(self, cohort: WeightedCohort, teachers: Mapping[int, CoxTeacher]) -> GeneratedOutcomes:
        """Fit the curves of every cause and of censoring."""
        return GeneratedOutcomes(
            cohort, teachers, self.group, self.censoring_significance, self.curvature_significance
        )

    def fewest_patients(self) -> int:
        """Patients behind a knot."""
        return self.group


class GeneratedOutcomes(FittedOutcomes):
    """Event times from the teacher at the synthetic covariates, censored by its own law.

    Where causes compete, each has a time from its own teacher, and the first of them happens: the
    cause-specific hazards are then those of the teachers (Prentice et al. 1978). Where a test finds
    that the effect of a numeric is curved, the event has a model with its spline. Censoring follows
    a Cox model of its own where that beats a common curve in a likelihood-ratio test at
    ``significance``, else one curve. Draws are scrambled Sobol points dealt out in the order of
    risk (Owen 1998), so that curves of the cohort and of its risk groups carry little Monte Carlo
    error.

    Args:
        cohort: The training rows and their weights.
        teachers: By cause, its fitted teacher; 1 is the event.
        group: Patients averaged in one knot of a curve.
        significance: Level of the test.
        curved: Level of the tests of curved effects of numerics.
    """

    noise: ClassVar[float] = 0.35  # measured: 0.31 to 0.41 over the benchmarks; a test repeats it

    def __init__(
        self,
        cohort: WeightedCohort,
        teachers: Mapping[int, CoxTeacher],
        group: int,
        significance: float,
        curved: float,
    ) -> None:
        duration, weight = cohort.duration, cohort.weight
        self.schema = cohort.schema
        self.integer = pd.api.types.is_integer_dtype(cohort.table[DURATION])
        self.decimals = decimals(duration)
        # a time of 0 is one that patients of the cohort have, not one that rounding makes
        self.least = 0.0 if (duration == 0).sum() >= group else 10.0**-self.decimals
        self.causes: dict[int, HazardCurve] = {}
        for cause, teacher in teachers.items():
            happened = cohort.cause == cause
            bends = Curvature()
            if not teacher.penalizer:  # a ridge would have to be found anew
                bends = curvature(cohort.by_cause[cause], group, curved)
            known = _law(cohort.by_cause[cause], teacher, bends)
            times = duration[happened], weight[happened]
            self.causes[cause] = HazardCurve(*known, *times, group, bends)
        censored = cohort.cause == 0
        self.censoring, self.end = None, np.inf
        if duration[censored].any():  # after time 0
            # nobody is followed longer than those with the longest follow-up, on average
            last = np.argsort(duration, kind="stable")[-group:]
            self.end = float(np.average(duration[last], weights=weight[last]))
            law = _censoring(cohort, significance)
            self.censoring = HazardCurve(*law, duration[censored], weight[censored], group)

    def knots(self) -> dict[int, np.ndarray]:
        """By cause, censoring being 0, the times at which its curve is kept."""
        curves = self.causes | ({} if self.censoring is None else {0: self.censoring})
        return {kind: curve.time[1:] for kind, curve in curves.items()}

    def influences(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """Of the terms that bend an effect, and of the Cox model of censoring."""
        found = {}
        for cause, curve in self.causes.items():
            if bent := len(curve.curvature.names):
                with suppress(CoxError):
                    fit = curve.curvature.fit(cohort.by_cause[cause])
                    of_all = hazard_ratio_influence(fit, cohort.weight)
                    found[f"curvature of cause {cause}"] = of_all[:, -bent:]
        if self.censoring is not None and self.censoring.coefficients.any():
            with suppress(CoxError):
                fit = _censoring_model(cohort)
                found["censoring model"] = hazard_ratio_influence(fit, cohort.weight)
        return found

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "integer": bool(self.integer),
            "decimals": self.decimals,
            "least": self.least,
            "end": float(self.end),
            "causes": [curve.to_state() for curve in self.causes.values()],
            "censoring": None if self.censoring is None else self.censoring.to_state(),
        }

    @classmethod
    def from_state(cls, state: dict, schema: Schema) -> GeneratedOutcomes:
        """The outcomes of :meth:`to_state` for covariates of this schema."""
        outcomes, terms = cls.__new__(cls), schema.design_names
        outcomes.schema, outcomes.integer = schema, state["integer"]
        outcomes.decimals, outcomes.least = state["decimals"], state["least"]
        outcomes.end = state["end"]
        curves = [HazardCurve.from_state(curve, terms) for curve in state["causes"]]
        outcomes.causes = dict(enumerate(curves, 1))
        law = state["censoring"]
        outcomes.censoring = None if law is None else HazardCurve.from_state(law, terms)
        return outcomes

    def draw(self, covariates: pd.DataFrame, draw: Draw) -> pd.DataFrame:
        """(n, 2) new outcomes for the rows of ``covariates``; cause where causes compete."""
        design = self.schema.design(covariates)
        with_risk = self.causes[1].time_at(design, np.full(len(design), np.exp(-1.0)))
        uniform = np.empty((len(design), len(self.causes) + 1))
        power = int(np.ceil(np.log2(max(2, len(design)))))
        sobol = qmc.Sobol(uniform.shape[1], rng=np.random.default_rng(draw.seed))
        points = sobol.random_base2(power)
        uniform[np.argsort(with_risk, kind="stable")] = points[: len(design)]
        uniform = uniform.clip(1e-12, 1)
        stops = np.full(len(design), self.end)
        if self.censoring is not None:
            stops = np.minimum(stops, self.censoring.time_at(design, uniform[:, -1]))
        times = [
            curve.time_at(design, column)
            for curve, column in zip(self.causes.values(), uniform.T[:-1], strict=True)
        ]
        first, happens = np.argmin(times, 0), np.min(times, 0)
        cause = np.where(happens <= stops, first + 1, 0)
        duration = np.round(np.minimum(happens, stops), self.decimals).clip(self.least)
        outcome = pd.DataFrame(
            {
                DURATION: duration.astype(int) if self.integer else duration,
                EVENT: (cause == 1).astype(int),
            }
        )
        return outcome.assign(**{CAUSE: cause}) if self.schema.causes else outcome


def _law(
    cohort: WeightedCohort, teacher: CoxTeacher, bends: Curvature
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Coefficients, means and baseline of the teacher, or of the model with curved effects."""
    if not bends.knots:
        return teacher.coefficients, teacher.means, teacher.baseline
    fit, design = bends.fit(cohort), bends.widened(cohort.design)
    means = pd.Series(cohort.weight @ design.to_numpy(), design.columns) / len(cohort)
    return fit.coefficients, means, fit.cumulative_hazard_at_mean


def _censoring_model(cohort: WeightedCohort) -> CoxFit:
    censored = pd.Series((cohort.cause == 0).astype(int))
    return fit_cox(cohort.design, cohort.table[DURATION], censored, weights=cohort.weight)


def _censoring(
    cohort: WeightedCohort, significance: float
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Coefficients, means and baseline of censoring; coefficients 0 where they don't matter."""
    design, means = cohort.design, cohort.mean
    try:
        fit = _censoring_model(cohort)
        if fit.likelihood_ratio_p_value < significance:
            return fit.coefficients, means, fit.cumulative_hazard_at_mean
    except CoxError:
        pass  # no finite estimate: one curve for all
    sets = RiskSets(cohort.duration, cohort.cause == 0, cohort.weight)
    jumps = PartialLikelihood(sets, np.zeros((len(cohort), 1))).hazard(np.zeros(1))
    curve = pd.Series(jumps.cumsum(), sets.times)  # Nelson and Aalen's estimate
    return pd.Series(0.0, design.columns), means, curve
