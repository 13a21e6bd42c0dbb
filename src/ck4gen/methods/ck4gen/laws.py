"""Laws of times that are no event of the analysis: of censoring, and of delayed entry."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Column
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.law import Law
from ck4gen.survival.breslow import breslow
from ck4gen.survival.cox import CoxError, CoxFit, fit_cohort


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


def law_of(cohort: WeightedCohort, prior_events: float, events_per_term: float) -> Law:
    """The law of the events of a cohort; coefficients 0 where there are few events.

    Args:
        cohort: The rows and their weights.
        prior_events: Coefficients are shrunk as if so many events without any effect had been
            seen as well: a ridge of that number on terms of SD 1.
        events_per_term: With fewer events there is one curve for all.
    """
    design, means = cohort.design, cohort.mean
    coefficients = pd.Series(0.0, design.columns)
    if cohort.event.sum() >= events_per_term * design.shape[1]:
        with suppress(CoxError):  # no finite estimate
            coefficients = fit_law(cohort, prior_events).coefficients
    return Law(coefficients, means, breslow(cohort, design, coefficients, means))


def fit_law(cohort: WeightedCohort, prior_events: float) -> CoxFit:
    """The Cox model of :func:`law_of`.

    Raises:
        CoxError: It has no finite estimate.
    """
    return fit_cohort(cohort, prior_events / len(cohort))
