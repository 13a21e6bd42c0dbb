"""The test of proportional hazards on scaled Schoenfeld residuals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.survival.cox import CoxFit


def proportional_hazards_test(fit: CoxFit) -> pd.Series:
    """Test of each term for an effect that changes with the rank of the event time.

    Grambsch and Therneau 1994, with the covariance averaged over the events, as lifelines'
    ``proportional_hazard_test(time_transform="rank")``. Tied events rank by stratum and row.

    Args:
        fit: The model, whose strata share the ranks.

    Returns:
        (p,) p-values by term.
    """
    residuals = fit.schoenfeld_residuals
    events = len(residuals)
    sets = fit.likelihood.sets
    rank = np.empty(events)
    rank[np.argsort(sets.times[sets.death_group], kind="stable")] = np.arange(events)
    rank -= (events - 1) / 2
    scaled = events * residuals @ fit.covariance
    variance = events * np.diag(fit.covariance) * (rank @ rank)
    return pd.Series(stats.chi2.sf((rank @ scaled) ** 2 / variance, 1), fit.coefficients.index)
