"""Several synthetic tables of one cohort, analysed as one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ck4gen.data.reading import Source, as_source
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import FrameDataModule
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError, fit_cohort
from ck4gen.survival.pooling import Analysis, check_pool
from ck4gen.survival.pooling import pool as pool_analyses

CONFIDENCE = 0.95  # level of the intervals


def pool(
    tables: Sequence[Any],
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
        tables: At least two synthetic tables; for the Cox model frames of any library.
        analysis: Table -> frame indexed by term with the columns ``estimate`` and
            ``standard_error``; None for a Cox model of all covariates.
        duration: Name of the duration column, for the Cox model.
        event: Name of the event column, likewise.
        confidence: Level of the intervals.
        entry: Name of the column of entry times, likewise, where patients enter late.
        strata: Columns by which the Cox model is stratified.

    Raises:
        InputError: There are fewer than two tables, they do not fit each other, or the confidence
            is no level.
    """
    several: list[Any] = list(tables) if isinstance(tables, list | tuple) else [tables]
    check_pool(len(several), confidence)
    if analysis is None:
        several = _coded(several, duration, event, entry=entry, strata=strata)
        analysis = _hazard_ratios
    return pool_analyses(several, analysis, confidence)


def _coded(
    tables: Sequence[Any], duration: str, event: str, **at_risk: Any
) -> list[WeightedCohort]:
    """The tables, read as one: the same decimal mark, levels and event in each."""
    sources = [as_source(table) for table in tables]
    names = set(sources[0].frame)
    for number, source in enumerate(sources, 1):
        if source.frame.empty:
            raise InputError(f"table {number} has no rows; leave it out")
        if different := ", ".join(sorted(names ^ set(source.frame))):
            raise InputError(
                f"table {number} has other columns than table 1 ({different}); pool tables of one "
                "cohort, or leave such columns out"
            )
    together = pd.concat([source.frame for source in sources], ignore_index=True)
    data = FrameDataModule(
        Source(together, delimiter=sources[0].delimiter), duration, event, **at_risk
    )
    if causes := ", ".join(data.schema.causes):
        warnings.warn(
            f"hazard ratios are those of {event}={data.plan.event.happened}; patients of whom "
            f"{causes} count as censored; recode the column for hazard ratios of another cause",
            UserWarning,
            stacklevel=3,
        )
    ends = np.cumsum([len(source.frame) for source in sources])
    parts = np.split(np.arange(len(together)), ends[:-1])
    return [WeightedCohort.of(data.table.iloc[rows], data.schema) for rows in parts]


def _hazard_ratios(table: WeightedCohort) -> pd.DataFrame:
    """A Cox model of all covariates."""
    try:
        fit = fit_cohort(table)
    except CoxError as error:
        raise InputError(f"a table has no Cox model: {error}") from error
    return pd.DataFrame({"estimate": fit.coefficients, "standard_error": fit.standard_errors})
