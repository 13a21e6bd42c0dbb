"""Hazard ratios within subgroups that no condition of the calibration names."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.off_target import Comparison, main_model, mean_z, within
from ck4gen.survival.cox_data import CoxData

SUBGROUPS = ("hazard/subgroup_z",)
INFO = (
    MetricInfo(
        "hazard/subgroup_z",
        "Error in subgroups, SE",
        "error of log hazard ratios within subgroups, in standard errors",
        ideal=0,
    ),
)


def subgroups(
    real: CoxData, synthetic: CoxData, schema: Schema, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Mean |difference of log hazard ratios| / real SE within halves and levels.

    The model within the patients below, and from, the real median of each numeric, and within
    each level of each category (those of binaries are ``off_target_z/within_levels``), where the
    real table has events enough, and the part is not all of it. Our choice: ordinary subgroup
    analyses that no condition of the calibration names, although its ``interactions`` bear on them.
    Halves, where curves and scores have thirds (``groups.py``): a model needs more events.
    """
    comparisons = _comparisons(real, synthetic, schema, settings.min_events)
    return {"hazard/subgroup_z": mean_z(comparisons, main_model(real))}


def _comparisons(
    real: CoxData, synthetic: CoxData, schema: Schema, min_events: int
) -> Iterator[Comparison]:
    medians = real.design.median()
    for column in schema:
        if not column.design_names:
            continue  # aliased: its parts are those of other columns
        for inside, other in zip(
            _parts(column, real, medians), _parts(column, synthetic, medians), strict=True
        ):
            if not inside.all():
                yield from within(real.where(inside), synthetic.where(other), min_events)


def _parts(column: Column, sample: CoxData, medians: pd.Series) -> Iterator[pd.Series]:
    """Which rows are in each subgroup that a column makes."""
    values = sample.design[list(column.design_names)]
    if column.kind == "numeric":
        below = values[column.name] < medians[column.name]
        yield from (below, ~below)
    elif column.kind == "categorical":
        yield values.sum(axis=1) == 0  # the first level has no dummy
        for name in values:
            yield values[name] == 1
