"""Baseline hazards of a Cox model whose coefficients are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets


def breslow(
    cohort: WeightedCohort, design: pd.DataFrame, coefficients: pd.Series, means: pd.Series
) -> pd.Series:
    """Cumulative baseline hazard of all rows together, whatever their strata (Breslow 1972).

    Args:
        cohort: The rows and their weights.
        design: (n, p) terms of the rows.
        coefficients: (p,) log hazard ratios.
        means: (p,) covariates of the patient whose hazard the baseline is.

    Returns:
        The cumulative hazard, indexed by event time.
    """
    sets = RiskSets(cohort.duration, cohort.event, cohort.weight, entry=cohort.entry)
    centred = (design - means).to_numpy()
    jumps = PartialLikelihood(sets, centred).hazard(coefficients.to_numpy())
    return pd.Series(np.cumsum(jumps), sets.times)
