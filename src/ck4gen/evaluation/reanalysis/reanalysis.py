"""All re-analyses of two tables, as metrics of a run."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import FAULTS, Metric
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.remembered import remembered
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import largest
from ck4gen.evaluation.reanalysis.lines import LINES, Line

FAMILY = "reanalysis"
COPIED = {"curve", "censoring_curve", "events"}  # copied outcomes give them back exactly
METRICS = {f"{FAMILY}/{line.name}": line for line in LINES if line.name != "schoenfeld"}
INFO = tuple(
    MetricInfo(
        name,
        line.label,
        f"{'largest' if line.measure is largest else 'root mean square'} error of its estimates, "
        "in real standard errors",
        ideal=line.ideal,
        needs_new_times=line.name in COPIED,
    )
    for name, line in METRICS.items()  # the Schoenfeld verdicts are hazard/ph
)
Estimates = Mapping[str, pd.DataFrame | str]


def reanalysis(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> dict[str, Metric]:
    """How well a table answers analyses that no generator is calibrated to.

    The error of a line is the root mean square, over its estimates, of (synthetic - real) / real
    standard error; ``docs/reanalysis.md`` defines each.

    Args:
        real: (n, p + 2) real rows.
        synthetic: (m, p + 2) synthetic rows.
        schema: Columns of both.
        settings: One leaf of ``conf/evaluation``.
    """
    other = analyse(AnalysedTable(synthetic, real, schema, settings))
    metrics = compare(of_patients(real, schema, settings), other)
    return {name: metrics[line.name] for name, line in METRICS.items()}


@remembered
def of_patients(
    real: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> dict[str, pd.DataFrame | str]:
    """Estimates of every line of the real table."""
    return analyse(AnalysedTable(real, real, schema, settings))


def analyse(table: AnalysedTable) -> dict[str, pd.DataFrame | str]:
    """Estimates of every line, or the reason why there are none."""
    return {line.name: _estimates(line, table) for line in LINES}


def compare(of_real: Estimates, other: Estimates) -> dict[str, Metric]:
    """The error of every line; one that a table has no estimates for has the reason."""
    return {line.name: _error(line, of_real[line.name], other[line.name]) for line in LINES}


def _estimates(line: Line, table: AnalysedTable) -> pd.DataFrame | str:
    if reason := line.left_out(table):
        return reason
    try:
        return line.analysis(table)
    except FAULTS as error:
        return str(error)


def _error(line: Line, real: pd.DataFrame | str, other: pd.DataFrame | str) -> Metric:
    if isinstance(real, str):
        return Metric(None, reason=real)
    if isinstance(other, str):
        return Metric(None, reason=f"{other}, in the synthetic table")
    try:
        return line.measure(real, other)
    except FAULTS as error:
        return Metric(None, reason=str(error))
