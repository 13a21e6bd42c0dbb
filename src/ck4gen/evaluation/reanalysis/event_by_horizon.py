"""Logistic regression of the event by a horizon, and the number of events."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import named
from ck4gen.survival.design_axes import is_wide

SEPARATED = 10.0  # standard error of a log odds ratio, above which its estimate is no finite one


def logistic(table: AnalysedTable) -> pd.DataFrame:
    """Log odds ratios of an event by a quantile of the real event times.

    Patients who were censored before are left out. scikit-learn fits without a penalty; the
    standard errors are those of the information at its solution. A term that separates the
    patients has no estimate.

    Raises:
        ValueError: Too few have the event by then, or too few not, or terms are very many.
        LinAlgError: A term follows from others.
    """
    horizon = table.event_times(np.array([table.settings.horizon]))[0]
    data = table.data
    happened = (data.event == 1) & (data.duration <= horizon)
    determined = happened | (data.duration > horizon)
    happened, design = happened[determined].to_numpy(), data.design[determined]
    if min(happened.sum(), (~happened).sum()) < table.evaluation.min_events:
        raise ValueError(f"fewer than {table.evaluation.min_events} patients on a side")
    if is_wide(*design.shape):
        raise ValueError(f"{design.shape[1]} terms of {len(design)} patients")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is refused below
        model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8, max_iter=100)
        model.fit(design.to_numpy(), happened)
    risk = model.predict_proba(design.to_numpy())[:, 1]
    whole = np.column_stack([np.ones(len(design)), design])
    information = whole.T @ (whole * (risk * (1 - risk))[:, None])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    estimates = named(["intercept", *design], np.r_[model.intercept_, model.coef_[0]], errors)
    return estimates[estimates["standard_error"] < SEPARATED]


def event_share(table: AnalysedTable) -> pd.DataFrame:
    """Share of patients with the event: their number, for tables of any length."""
    share, rows = table.data.event.mean(), len(table.table)
    return named(["events"], share, np.sqrt(share * (1 - share) / rows))
