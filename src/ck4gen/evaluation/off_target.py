"""Hazard ratios of models beside the main one.

The calibration aims at some of these models, in code of its own: what judges a table shares none
with what makes it, so that a mistake in one is seen by the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.survival.cox import CoxError, smallest_cell
from ck4gen.survival.cox_data import CoxData

PARTS = ("univariable", "leave_one_out", "within_levels", "early", "late", "interactions")
OFF_TARGET = ("hazard/off_target_z", *(f"hazard/off_target_z/{part}" for part in PARTS))
INFO = (
    MetricInfo(
        "hazard/off_target_z",
        "Error off target, SE",
        "the same error in other models: one covariate, interactions, ...",
        ideal=0,
        headline=True,
    ),
    *(
        MetricInfo(name, name.split("/")[-1], "the part of it in one kind of model", ideal=0)
        for name in OFF_TARGET[1:]
    ),
)


def off_target(
    real: CoxData, synthetic: CoxData, schema: Schema, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Mean |difference of log hazard ratios| / real SE over models beside the main one.

    Univariable (each covariate alone), leave-one-covariate-out, within each level of each
    binary, administratively censored at the real median event time (early), restricted to those
    still followed past it (late), and each pairwise product added to the main effects. A
    bootstrap of the real table scores about .8 to 1.1 on each.
    """
    models = {
        "univariable": _univariable(real, synthetic, schema),
        "leave_one_out": _leave_one_out(real, synthetic, schema),
        "within_levels": _within_levels(real, synthetic, schema, settings.min_events),
        "early": _early(real, synthetic),
        "late": _late(real, synthetic),
        "interactions": _interactions(real, synthetic, schema, settings.min_events),
    }
    start = main_model(real)
    metrics = {
        f"hazard/off_target_z/{part}": mean_z(pairs, start) for part, pairs in models.items()
    }
    values = [metric.value for metric in metrics.values() if metric.value is not None]
    mean = number(np.mean(values)) if values else Metric(None, reason="no part has a value")
    return {"hazard/off_target_z": mean, **metrics}


Comparison = tuple[CoxData, CoxData, list[str]]  # real, synthetic, the terms that are compared


def main_model(real: CoxData) -> pd.Series:
    """Log hazard ratios of the main model, near which the other models are; 0 for no estimate."""
    try:
        return real.fit().coefficients
    except CoxError:
        return pd.Series(0.0, real.design.columns)


def mean_z(comparisons: Iterator[Comparison], start: pd.Series) -> Metric:
    """Mean |difference| / real SE over the compared terms of all models that can be fitted.

    Args:
        comparisons: The models.
        start: Log hazard ratios where Newton starts; 0 for terms that it lacks.
    """
    errors, tried, failed = [], 0, 0
    for real, synthetic, terms in comparisons:
        try:
            base = real.fit(start=start.reindex(real.design.columns, fill_value=0.0))
        except CoxError:
            continue  # the real table has no estimate to keep
        tried += 1
        try:
            other = synthetic.fit(start=base.coefficients)
        except CoxError:
            failed += 1
            continue
        error = (other.coefficients - base.coefficients).abs() / base.standard_errors
        errors.extend(error[terms])
    if not errors:
        return Metric(None, reason="no such model can be fitted on these tables")
    caveat = f"{failed} of {tried} models have no synthetic estimate" if failed else None
    return number(np.mean(errors), reason=caveat)


def within(real: CoxData, synthetic: CoxData, min_events: int) -> Iterator[Comparison]:
    """The model of a part of either table, on the terms that vary in the real one.

    Nothing where the real part has too few events, or no such term.
    """
    terms = [name for name in real.design if real.design[name].nunique() > 1]
    if real.event.sum() >= min_events and terms:
        yield _on(real, terms), _on(synthetic, terms), terms


def _on(sample: CoxData, columns: list[str]) -> CoxData:
    return sample.with_design(sample.design[columns])


def _univariable(real: CoxData, synthetic: CoxData, schema: Schema) -> Iterator[Comparison]:
    for column in schema:
        terms = list(column.design_names)
        if not terms:
            continue  # the column is aliased
        yield _on(real, terms), _on(synthetic, terms), terms


def _leave_one_out(real: CoxData, synthetic: CoxData, schema: Schema) -> Iterator[Comparison]:
    for column in schema:
        terms = [name for name in schema.design_names if name not in column.design_names]
        if not column.design_names or not terms:
            continue
        yield _on(real, terms), _on(synthetic, terms), terms


def _within_levels(
    real: CoxData, synthetic: CoxData, schema: Schema, min_events: int
) -> Iterator[Comparison]:
    for name in schema.of_kind("binary"):
        if not schema[name].design_names:
            continue
        for level in (0, 1):
            parts = [s.where(s.design[name] == level) for s in (real, synthetic)]
            yield from within(parts[0], parts[1], min_events)


def _early(real: CoxData, synthetic: CoxData) -> Iterator[Comparison]:
    cut = real.duration[real.event == 1].median()

    def censored(sample: CoxData) -> CoxData:
        event = sample.event.where(sample.duration <= cut, 0)
        inside = slice(None) if sample.entry is None else sample.entry < cut
        rows = sample.where(inside)
        return replace(rows, duration=rows.duration.clip(upper=cut), event=event[inside])

    yield censored(real), censored(synthetic), list(real.design)


def _late(real: CoxData, synthetic: CoxData) -> Iterator[Comparison]:
    cut = real.duration[real.event == 1].median()
    survivors = [sample.where(sample.duration > cut) for sample in (real, synthetic)]
    yield survivors[0], survivors[1], list(real.design)


def _interactions(
    real: CoxData, synthetic: CoxData, schema: Schema, min_events: int
) -> Iterator[Comparison]:
    centre, events = real.design.mean(), real.design[real.event == 1]
    binary = events.isin([0, 1]).all()
    for first, second in combinations(schema, 2):
        for left in first.design_names:
            for right in second.design_names:
                # numerics have events enough in every part of their range
                cells = binary[left] and binary[right]
                if cells and smallest_cell(events[[left, right]]) < min_events:
                    continue
                product = f"{left} x {right}"
                both = [_with_product(s, left, right, product, centre) for s in (real, synthetic)]
                yield both[0], both[1], [product]


def _with_product(sample: CoxData, left: str, right: str, name: str, centre: pd.Series) -> CoxData:
    product = (sample.design[left] - centre[left]) * (sample.design[right] - centre[right])
    return sample.with_design(sample.design.assign(**{name: product}))
