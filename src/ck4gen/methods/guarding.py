"""The training rows of a fit behind its guard, and the ridge of their analysis."""

from __future__ import annotations

import warnings

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.guard.guard import Guarded, guard
from ck4gen.guard.settings import GuardSettings
from ck4gen.models.training import Training
from ck4gen.survival.teacher import analysis_penalizer, stronger_penalizer
from ck4gen.survival.teacher_settings import TeacherSettings


def behind_guard(
    data: SurvivalDataModule,
    teacher: TeacherSettings,
    settings: GuardSettings | None,
    training: Training,
) -> tuple[Guarded, dict[int, float]]:
    """The rows under the secret weights of this fit; by cause, the ridge of their Cox model.

    Args:
        data: The cohort.
        teacher: The analysis.
        settings: The guard; None for none, which leaves the rows as they are.
        training: Secret, seed and number of the table.

    Raises:
        InputError: The design has more terms than a run can take.
    """
    cohort = data.cohort
    meanings = dict(zip(cohort.schema.competing, cohort.schema.causes, strict=True))
    penalizers = {
        cause: analysis_penalizer(
            cohort.design,
            part.table[DURATION],
            part.table[EVENT],
            teacher,
            f"for the cause '{meanings[cause]}' " if cause in meanings else "",
            cohort.stratum,
            cohort.entry,
        )
        for cause, part in cohort.by_cause.items()
    }
    if settings is None:
        return Guarded.without(cohort), penalizers
    if not settings.noise and data.split == "release":
        warnings.warn(
            "method.guard.noise is 0: whoever knows all other patients may tell from this "
            "table who was in; release it only where the cohort is public",
            UserWarning,
            stacklevel=2,
        )
    guarded = guard(cohort, penalizers, settings, training.secret, training.seed, training.table)
    return guarded, {
        cause: stronger_penalizer(part, penalizers[cause], teacher)
        for cause, part in guarded.cohort.by_cause.items()
    }
