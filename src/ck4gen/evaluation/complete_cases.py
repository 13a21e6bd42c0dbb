"""The analysis that most people make of a table with blanks: its complete rows alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ck4gen.data.aliasing import aliased
from ck4gen.data.schema import EVENT, Schema
from ck4gen.evaluation.base.metric import Metric, absent, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.cox_pair import fit_pair
from ck4gen.survival.cox import wald_interval
from ck4gen.survival.cox_data import cox_data

ERROR, INSIDE, REAL, SYNTHETIC = NAMES = tuple(
    f"hazard/complete_cases/{name}"
    for name in ("log_hr_z", "in_ci", "share_real", "share_synthetic")
)
INFO = (
    MetricInfo(
        ERROR,
        "Error of log HR, complete cases",
        "mean error of log hazard ratios of the rows without blanks, in standard errors",
        ideal=0,
    ),
    MetricInfo(
        INSIDE,
        "HR in real CI, complete cases",
        "share of their synthetic hazard ratios inside the real 95% CI",
        ideal=1,
    ),
    MetricInfo(REAL, "Complete rows, real", "share of real rows without blanks"),
    MetricInfo(SYNTHETIC, "Complete rows, synthetic", "share of synthetic rows without blanks"),
)
NO_BLANKS = "no column keeps blanks"


def complete_cases(comparison: CoxComparison) -> dict[str, Metric]:
    """Hazard ratios of the rows in which no column is blank, in both tables.

    Blanks are those that an indicator column marks; columns of too few blanks for one count as
    filled. The model has all covariates but the indicators.

    Args:
        comparison: Both tables, blanks filled.
    """
    schema, settings = comparison.schema, comparison.settings
    marks = [column.name for column in schema if column.blank_of]
    if not marks:
        return absent(NAMES, NO_BLANKS)
    whole = [_complete(table, marks) for table in (comparison.real, comparison.synthetic)]
    sizes = (len(comparison.real), len(comparison.synthetic))
    shares = [number(len(rows) / size) for rows, size in zip(whole, sizes, strict=True)]
    share_by_table = dict(zip((REAL, SYNTHETIC), shares, strict=True))
    for rows, side in zip(whole, ("real", "synthetic"), strict=True):
        events = int(rows[EVENT].sum())
        if len(rows) < settings.min_rows or events < settings.min_events:
            reason = f"{len(rows)} complete {side} rows with {events} events are too few"
            return absent((ERROR, INSIDE), reason) | share_by_table
    real, synthetic = whole
    model = _model(schema, marks, real)
    data = cox_data(real, real, model)
    fit = data.fit(penalizer=comparison.penalizer)
    pair = fit_pair(fit, cox_data(synthetic, real, model), comparison.penalizer, settings.ridge)
    usable = [t for t in pair.synthetic.coefficients.index if t not in pair.degenerate]
    other = pair.synthetic.coefficients[usable]
    error = (other - fit.coefficients[usable]).abs() / fit.standard_errors[usable]
    low, high = (end[usable] for end in wald_interval(fit, settings.confidence))
    inside = ((low <= other) & (other <= high)).sum() / len(fit.coefficients)
    return {
        ERROR: number(error.mean() if usable else np.nan, reason=pair.caveat),
        INSIDE: number(inside, reason=pair.caveat),
    } | share_by_table


def _complete(table: pd.DataFrame, marks: list[str]) -> pd.DataFrame:
    return table[(table[marks].astype(float) == 0).all(axis=1)].reset_index(drop=True)


def _model(schema: Schema, marks: list[str], rows: pd.DataFrame) -> Schema:
    """The covariates without indicators, and without what follows from others in these rows."""
    covariates = replace(schema, columns=tuple(c for c in schema if c.name not in marks))
    lost = set(aliased(covariates.design(rows)))
    columns = tuple(
        replace(c, aliased=tuple(t for t in c.terms if t in lost or t in c.aliased))
        for c in covariates
    )
    return replace(covariates, columns=columns)
