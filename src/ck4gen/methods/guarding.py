"""The training rows of a fit behind its guard, and the ridge of their analysis."""

from __future__ import annotations

import warnings

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.guard.guard import Guarded, guard
from ck4gen.guard.settings import GuardSettings
from ck4gen.models.training import Training
from ck4gen.survival.teacher import TeacherSettings, analysis_penalizer, stronger_penalizer


def behind_guard(
    data: SurvivalDataModule,
    teacher: TeacherSettings,
    settings: GuardSettings | None,
    training: Training,
) -> tuple[Guarded, float]:
    """The rows under the secret weights of this fit, and the ridge with which they have a model.

    Args:
        data: The cohort.
        teacher: The analysis.
        settings: The guard; None for none, which leaves the rows as they are.
        training: Secret, seed and number of the table.

    Raises:
        InputError: The design has more terms than a run can take.
    """
    cohort, train = data.cohort, data.train
    penalizer = analysis_penalizer(cohort.design, train[DURATION], train[EVENT], teacher)
    if settings is None:
        return Guarded.without(cohort), penalizer
    if not settings.noise and data.split == "release":
        warnings.warn(
            "method.guard.noise is 0: whoever knows all other patients may tell from this "
            "table who was in; release it only where the cohort is public",
            UserWarning,
            stacklevel=2,
        )
    guarded = guard(cohort, penalizer, settings, training.secret, training.seed, training.table)
    return guarded, stronger_penalizer(guarded.cohort, penalizer, teacher)
