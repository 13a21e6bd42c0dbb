"""Several synthetic tables of one cohort, analysed as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import FrameDataModule
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError, fit_cohort
from ck4gen.survival.pooling import Analysis
from ck4gen.survival.pooling import pool as pool_analyses

CONFIDENCE = 0.95  # level of the intervals


def pool(
    tables: Sequence[pd.DataFrame],
    analysis: Analysis | None = None,
    duration: str = DURATION,
    event: str = EVENT,
    confidence: float = CONFIDENCE,
    entry: str | None = None,
    strata: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Analyse several synthetic tables of one cohort and combine the results.

    Make the tables with weights of their own (``tables=5`` of a run, or one fit per seed). See
    :func:`ck4gen.survival.pooling.pool` for the rule and the columns of the result.

    Args:
        tables: At least two synthetic tables.
        analysis: Table -> frame indexed by term with the columns ``estimate`` and
            ``standard_error``; None for a Cox model of all covariates.
        duration: Name of the duration column, for the Cox model.
        event: Name of the event column, likewise.
        confidence: Level of the intervals.
        entry: Name of the column of entry times, likewise, where patients enter late.
        strata: Columns by which the Cox model is stratified.

    Raises:
        InputError: There are fewer than two tables, or they do not fit each other.
    """
    if analysis is None:
        analysis = _cox_analysis(tables, duration, event, entry=entry, strata=strata)
    return pool_analyses(tables, analysis, confidence)


def _cox_analysis(
    tables: Sequence[pd.DataFrame], duration: str, event: str, **at_risk: Any
) -> Analysis:
    """A Cox model of all covariates, categories coded as in all tables together."""
    together = pd.concat(tables, ignore_index=True)
    data = FrameDataModule(together, duration, event, **at_risk)

    def analysis(table: pd.DataFrame) -> pd.DataFrame:
        coded = WeightedCohort.of(data.recoded(table), data.schema)
        try:
            fit = fit_cohort(coded)
        except CoxError as error:
            raise InputError(f"a table has no Cox model: {error}") from error
        return pd.DataFrame({"estimate": fit.coefficients, "standard_error": fit.standard_errors})

    return analysis
