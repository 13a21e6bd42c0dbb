"""The Cox model of the rows without blanks, which most people fit to a table that has some."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from ck4gen.calibration.condition import RealCohort
from ck4gen.calibration.cox_conditions import CoxModel, Level, model_of
from ck4gen.data.aliasing import aliased
from ck4gen.data.weighted_cohort import WeightedCohort


def complete_cases(real: RealCohort) -> Iterator[CoxModel]:
    """The model of the rows in which no indicator of blanks is 1, without the indicators.

    It needs ``min_events`` events and one a term (our choice). Terms
    that follow from others in these rows are left out. A warning says why there is no such model.
    """
    schema = real.analysis.schema
    marks = [column.name for column in schema if column.blank_of]
    if not marks:
        return
    part, terms = _complete(real.cohort, marks)
    reason = _too_few(part, len(terms), real.min_events)
    if untold := [name for name in marks if name not in schema.design_names]:
        reason = f"whether a row is complete cannot be told, as {untold[0]} follows from others"
    if not reason:
        levels = tuple(Level.of(real.analysis, name, 0) for name in marks)
        share = float(part.weight.sum()) / len(real.cohort)
        models = list(model_of(real, terms, part, levels=levels, share=share))
        yield from models
        reason = "" if models else "their Cox model has no finite estimate"
    if reason:
        warnings.warn(
            f"hazard ratios of the rows without blanks are not calibrated: {reason}",
            UserWarning,
            stacklevel=2,
        )


def _complete(cohort: WeightedCohort, marks: list[str]) -> tuple[WeightedCohort, list[str]]:
    """The rows without blanks, and the terms of their model."""
    part = cohort.where((cohort.table[marks].to_numpy(float) == 0).all(axis=1))
    design = part.design.drop(columns=marks, errors="ignore")
    lost = aliased(design) if len(design) else []
    return part, [name for name in design if name not in lost]


def _too_few(part: WeightedCohort, terms: int, min_events: int) -> str:
    """Why the rows are too few for a model of so many terms; empty where they are not."""
    events = int(part.event.sum())
    needed = max(min_events, terms)
    if terms and events >= needed:
        return ""
    return f"{len(part)} complete rows with {events} events are too few for {terms} terms"
