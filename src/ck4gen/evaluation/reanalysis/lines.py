"""The re-analyses, one line each: what is estimated, and how two tables are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.reanalysis import (
    censoring,
    cox_models,
    event_by_horizon,
    moments,
    numeric_effects,
    survival_curves,
    weibull,
)
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import largest, root_mean_square, share_equal

CAUSES = "causes compete: see hazard/causes and survival/cumulative_incidence"
DELAYED = "patients enter late, and the analysis follows them from time 0 on"


@dataclass(frozen=True)
class Line:
    """One kind of analysis.

    Attributes:
        name: As in ``reanalysis/<name>``.
        label: Heading in tables and figures.
        analysis: Estimates and standard errors of a table, by name.
        measure: Real and other estimates -> their error.
        wide: Whether its cost grows with the square of the number of terms, or faster.
        by_group: Whether it is of each level and third of every column.
        with_causes: Whether it has a meaning where causes compete with the event.
        with_entry: Whether it has one where patients enter late, as Cox models and moments do.
        ideal: The value of a table that agrees in everything.
    """

    name: str
    label: str
    analysis: Callable[[AnalysedTable], pd.DataFrame]
    measure: Callable[[pd.DataFrame, pd.DataFrame], Metric] = root_mean_square
    wide: bool = False
    by_group: bool = False
    with_causes: bool = True
    with_entry: bool = True
    ideal: float = 0

    def left_out(self, table: AnalysedTable) -> str | None:
        """Why the line does not apply to a table, None where it does."""
        if table.schema.causes and not self.with_causes:
            return CAUSES
        if table.schema.delayed_entry and not self.with_entry:
            return DELAYED
        terms, most = len(table.schema.design_names), table.evaluation.most_terms
        if self.wide and terms > most:
            return f"{terms} terms, more than evaluation.most_terms"
        columns, most = len(table.schema.columns), table.evaluation.most_group_columns
        if self.by_group and columns > most:
            return f"{columns} columns, more than evaluation.most_group_columns"
        return None


LINES = (
    Line("cox_stratified", "Cox, stratified", cox_models.stratified, wide=True),
    Line("cox_dropped", "Cox, one covariate dropped", cox_models.dropped, wide=True),
    Line("weibull", "Weibull AFT", weibull.weibull_aft, wide=True, with_entry=False),
    Line("quadratic", "Squares of numerics", numeric_effects.quadratic, wide=True),
    Line("splines", "Natural splines", numeric_effects.splines, wide=True),
    Line("thirds", "Thirds of numerics", numeric_effects.thirds, wide=True),
    Line("tails", "Extremes of numerics", numeric_effects.tails, wide=True),
    Line(
        "curve",
        "Survival curve",
        survival_curves.survival_curve,
        with_causes=False,
        with_entry=False,
    ),
    Line(
        "group_curves",
        "Survival by group",
        survival_curves.survival_by_group,
        by_group=True,
        with_causes=False,
        with_entry=False,
    ),
    Line(
        "group_means",
        "RMST by group",
        survival_curves.restricted_means,
        by_group=True,
        with_causes=False,
        with_entry=False,
    ),
    Line(
        "logistic",
        "Logistic, event by horizon",
        event_by_horizon.logistic,
        with_causes=False,
        with_entry=False,
    ),
    Line("censoring_model", "Cox model of censoring", censoring.censoring_model),
    Line("censoring_curve", "Censoring curve", censoring.censoring_curve, with_entry=False),
    Line("events", "Number of events", event_by_horizon.event_share),
    Line("rank_correlations", "Spearman correlations", moments.rank_correlations, wide=True),
    Line("squares", "Correlations with squares", moments.square_correlations, wide=True),
    Line("triple_products", "Products of three terms", moments.triple_products, wide=True),
    Line(
        "triple_shares",
        "Shares of three 0/1 terms (worst)",
        moments.triple_shares,
        largest,
        wide=True,
    ),
    Line(
        "schoenfeld",
        "Schoenfeld verdicts kept (share)",
        cox_models.schoenfeld_verdicts,
        share_equal,
        ideal=1,
    ),
)
