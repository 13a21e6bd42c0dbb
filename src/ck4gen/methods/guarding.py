"""The training rows of a fit behind its guard."""

from __future__ import annotations

import warnings

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.guard import Guarded, guard
from ck4gen.guard.settings import GuardSettings
from ck4gen.models.training import Training


def behind_guard(
    cohort: WeightedCohort,
    data: SurvivalDataModule,
    penalizer: float,
    settings: GuardSettings | None,
    training: Training,
) -> Guarded:
    """The rows under the secret weights of this fit; as they are without a guard.

    Args:
        cohort: The training rows of ``data``, every weight 1.
        data: Where they come from.
        penalizer: Ridge of the Cox model whose hazard ratios are capped.
        settings: The guard; None for none.
        training: Secret, seed and number of the table.
    """
    if settings is None:
        return Guarded.without(cohort)
    if not settings.noise and data.split == "release":
        warnings.warn(
            "method.guard.noise is 0: whoever knows all other patients may tell from this "
            "table who was in; release it only where the cohort is public",
            UserWarning,
            stacklevel=2,
        )
    return guard(cohort, penalizer, settings, training.secret, training.seed, training.table)
