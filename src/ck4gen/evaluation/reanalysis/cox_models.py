"""Cox models of other covariates than the main one: strata, and one covariate left out."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import (
    NO_MODEL,
    CoxModel,
    joined,
    named,
    of_cox_fit,
    of_cox_models,
)
from ck4gen.survival.cox import CoxError, fit_cox
from ck4gen.survival.proportional_hazards import proportional_hazards_test


def stratified(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of models with each binary or category as strata in turn.

    Raises:
        ValueError: No such model has an estimate.
    """
    return joined(_stratified(table), NO_MODEL)


def _stratified(table: AnalysedTable) -> Iterator[pd.DataFrame]:
    data, rows = table.data, table.table
    for name in table.schema.of_kind("binary", "categorical"):
        if not (terms := _without(table, name)) or not table.schema[name].design_names:
            continue
        strata = rows[name].astype(str)
        if data.stratum is not None:  # beside those of the analysis
            strata = strata + " " + data.stratum.set_axis(rows.index).astype(str)
        try:
            outcome = data.duration, data.event
            fit = fit_cox(data.design[terms], *outcome, strata=strata.to_numpy(), entry=data.entry)
        except CoxError:
            continue
        yield of_cox_fit(name, fit, terms)


def dropped(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of the models without each covariate in turn.

    Raises:
        ValueError: No such model has an estimate.
    """
    return of_cox_models(_dropped(table))


def _dropped(table: AnalysedTable) -> Iterator[CoxModel]:
    for column in table.schema:
        terms = _without(table, column.name)
        if column.design_names and terms:
            yield column.name, table.data.with_design(table.data.design[terms]), terms


def _without(table: AnalysedTable, name: str) -> list[str]:
    """Terms of all columns but one."""
    column_terms = table.schema[name].design_names
    return [term for term in table.schema.design_names if term not in column_terms]


def schoenfeld_verdicts(table: AnalysedTable) -> pd.DataFrame:
    """1 where the test rejects proportional hazards of a term of the main model, 0 elsewhere.

    Raises:
        CoxError: The model has no estimate.
    """
    p_values = proportional_hazards_test(table.data.fit())
    verdicts = (p_values < table.evaluation.significance).astype(float)
    return named(p_values.index, verdicts.to_numpy(), 0 * verdicts.to_numpy())
