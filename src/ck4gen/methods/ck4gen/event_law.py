"""The law of the event: the teacher's, or one whose effects are curved or change in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.law import Law
from ck4gen.survival.changing_effects import changing_effects
from ck4gen.survival.curvature import curvature
from ck4gen.survival.teacher import CoxTeacher

if TYPE_CHECKING:
    from ck4gen.methods.ck4gen.generated_outcomes import Generated


def event_law(cohort: WeightedCohort, teacher: CoxTeacher, settings: Generated) -> Law:
    """The law of the teacher, or of the model with the splines and changes that tests find.

    Args:
        cohort: The rows and their weights.
        teacher: The model whose effects are straight and proportional.
        settings: Levels of the tests, and of how many terms.
    """
    straight = Law(teacher.coefficients, teacher.means, teacher.baseline)
    many = cohort.design.shape[1] > settings.curved_terms
    if many or teacher.penalizer:  # a ridge would have to be found anew
        return straight
    bends = curvature(cohort, settings.group, settings.curvature_significance)
    changes = changing_effects(
        cohort, bends, settings.group, settings.events_per_term, settings.change_significance
    )
    if not bends.knots and not changes.terms:
        return straight
    design = bends.widened(cohort.design)
    coefficients = changes.fit(cohort, design).coefficients
    means = pd.Series(cohort.weight @ design.to_numpy(), design.columns) / len(cohort)
    return Law(
        coefficients, means, changes.baseline(cohort, design, coefficients, means), bends, changes
    )
