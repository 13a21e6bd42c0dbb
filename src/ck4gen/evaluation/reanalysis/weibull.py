"""The Weibull model of accelerated failure times."""

from __future__ import annotations

import warnings

import pandas as pd
from lifelines import WeibullAFTFitter
from lifelines.exceptions import ConvergenceError

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import named


def weibull_aft(table: AnalysedTable) -> pd.DataFrame:
    """Log time ratios, log scale and log shape of one model of all covariates (lifelines).

    A duration of 0 has no logarithm; it counts as half of the shortest real time above 0.

    Raises:
        ValueError: lifelines finds no solution.
    """
    times = table.real[DURATION]
    shortest = float(times[times > 0].min()) / 2
    rows = table.data.design.assign(
        **{DURATION: table.data.duration.clip(lower=shortest), EVENT: table.data.event}
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a poor solution shows in the error of the line
            fitted = WeibullAFTFitter().fit(rows, DURATION, EVENT)
    except ConvergenceError as error:
        raise ValueError("lifelines finds no Weibull model") from error
    names = (": ".join(map(str, key)) for key in fitted.params_.index)
    return named(names, fitted.params_.to_numpy(), fitted.standard_errors_.to_numpy())
