"""Outcomes drawn anew: event times from the teacher, censoring from a law of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ck4gen.constraints import Natural, NonNegative, Positive, check_fields
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.outcomes import FittedOutcomes, Outcomes

if TYPE_CHECKING:
    from ck4gen.survival.teacher import CoxTeacher


@dataclass(frozen=True)
class Generated(Outcomes):
    """Event times from the teacher at the synthetic covariates, censored by a law of its own.

    Args:
        group: Patients averaged in one knot of a curve.
        knots: Knots of a curve, at least: with fewer events each averages fewer patients.
        least: Patients averaged in one knot, at least.
        prior_events: Effects on censoring and on entry are shrunk as if so many events had shown
            none.
        events_per_term: With fewer, all have one curve of censoring, and one of entry.
        curvature_significance: Level at which the effect of a numeric on the event is found to
            be curved.
        change_significance: Level at which the effect of a term on the event is found to change
            in time, where there are ``events_per_term`` before and after the median event.
        follow_up_groups: Groups by a numeric with a curve of censoring each, at most; 0: none,
            by no column.
        curved_terms: With more terms of the design all effects are straight, and none changes.

    Raises:
        InputError: A value is wrong.
    """

    group: Positive
    knots: Positive
    least: Positive
    prior_events: NonNegative
    events_per_term: NonNegative
    curvature_significance: NonNegative
    change_significance: NonNegative
    follow_up_groups: Natural
    curved_terms: Positive

    copied: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields("method.outcomes", self)

    def fit(self, cohort: WeightedCohort, teachers: Mapping[int, CoxTeacher]) -> FittedOutcomes:
        """Fit the curves of every cause and of censoring."""
        # SciPy and torch, which take seconds: a wrong key is refused without them
        from ck4gen.methods.ck4gen.drawn_outcomes import GeneratedOutcomes

        return GeneratedOutcomes(cohort, teachers, self)

    @property
    def averaged(self) -> Knots:
        """Which patients are averaged in a knot."""
        return Knots(self.group, self.knots, self.least)

    def fewest_patients(self) -> int:
        """Patients behind a knot, or behind the mean of half of the longest times."""
        return min(self.group // 2, self.least)
