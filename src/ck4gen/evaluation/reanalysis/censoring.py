"""How patients are censored: its hazard ratios, and its curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ck4gen.data.schema import CAUSE, DURATION, EVENT
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable, inner_quantiles
from ck4gen.evaluation.reanalysis.estimates import named
from ck4gen.evaluation.reanalysis.survival_curves import at_times


def censoring_model(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of a Cox model in which being censored is the event.

    Raises:
        ValueError: Too few are censored.
        CoxError: The model has no estimate.
    """
    _check(table)
    fit = replace(table.data, event=table.censored).fit()
    return named(
        fit.coefficients.index, fit.coefficients.to_numpy(), fit.standard_errors.to_numpy()
    )


def censoring_curve(table: AnalysedTable) -> pd.DataFrame:
    """Kaplan-Meier curve of the time to censoring, at quantiles of the real such times.

    Raises:
        ValueError: Too few are censored.
    """
    _check(table)
    real = table.real
    among = real[CAUSE] == 0 if table.schema.causes else real[EVENT] == 0
    times = real.loc[among, DURATION].to_numpy(float)
    grid = np.unique(np.quantile(times, inner_quantiles(table.settings.curve_times)))
    return at_times("censoring", table.data.duration, table.censored, grid)


def _check(table: AnalysedTable) -> None:
    fewest = table.evaluation.min_events
    if table.censored.sum() < fewest:
        raise ValueError(f"fewer than {fewest} patients are censored")
