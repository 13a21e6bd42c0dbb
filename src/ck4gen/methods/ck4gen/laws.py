"""Laws of times that are no event of the analysis: of censoring, and of delayed entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Column
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.hazard_curves import Law
from ck4gen.survival.breslow import breslow
from ck4gen.survival.cox import CoxError, fit_cohort


def timed(cohort: WeightedCohort, duration: np.ndarray, event: np.ndarray) -> WeightedCohort:
    """The same rows with another time, which runs from 0, and another event, (n,) each."""
    table = cohort.table.assign(**{DURATION: duration, EVENT: event.astype(int)})
    schema = replace(cohort.schema, delayed_entry=False, causes=())
    return WeightedCohort(table, schema, cohort.weight)


def followed(cohort: WeightedCohort) -> WeightedCohort:
    """Rows whose event is their censoring.

    With delayed entry their time is that under observation, and the entry is a covariate: studies
    end after so many years, or on a day, whatever the age of who is in them.
    """
    censored = cohort.cause == 0
    if cohort.entry is None:
        return timed(cohort, cohort.table[DURATION].to_numpy(), censored)
    made = timed(cohort, cohort.duration - cohort.entry, censored)
    columns = (*made.schema.columns, Column(ENTRY, "numeric"))
    return replace(made, schema=replace(made.schema, columns=columns))


def law_of(cohort: WeightedCohort, significance: float) -> Law:
    """The law of the events of a cohort; coefficients 0 where covariates don't matter to them.

    Args:
        cohort: The rows and their weights.
        significance: Level of the likelihood-ratio test of the covariates.
    """
    design, means = cohort.design, cohort.mean
    try:
        fit = fit_cohort(cohort)
        if fit.likelihood_ratio_p_value < significance:
            baseline = (
                breslow(cohort, design, fit.coefficients, means)
                if cohort.schema.strata
                else fit.cumulative_hazard_at_mean
            )
            return Law(fit.coefficients, means, baseline)
    except CoxError:
        pass  # no finite estimate: one curve for all
    none = pd.Series(0.0, design.columns)
    return Law(none, means, breslow(cohort, design, none, means))  # Nelson and Aalen's estimate
