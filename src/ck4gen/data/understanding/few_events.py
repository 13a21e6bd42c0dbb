"""Levels whose hazard ratio rests on one or two patients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ck4gen.data.understanding.plan import Plan
from ck4gen.data.understanding.raw_column import written
from ck4gen.data.understanding.settings import Understanding

NAMED = 3  # levels in the sentence


def few_events(
    covariates: pd.DataFrame, plan: Plan, event: np.ndarray, settings: Understanding
) -> list[str]:
    """A sentence on levels with fewer than ``min_side`` events; none where there is no such level.

    Of two patients with the event each carries half of such a hazard ratio: a cap that hides them
    takes it away with them.

    Args:
        covariates: (n, p) clean columns.
        plan: How they are read.
        event: (n,) whether it happened.
        settings: ``min_side``.
    """
    rare = [
        f"{name} ({events} of {event.sum()})"
        for name, events in _counted(covariates, plan, event)
        if events < settings.min_side
    ]
    if not rare:
        return []
    more = f" and {len(rare) - NAMED} more" * (len(rare) > NAMED)
    return [
        f"hardly an event: {', '.join(rare[:NAMED])}{more}; no guard can keep a hazard ratio that "
        "rests on so few: merge the level, --drop the column, or --impute blanks"
    ]


def _counted(covariates: pd.DataFrame, plan: Plan, event: np.ndarray) -> Iterator[tuple[str, int]]:
    """Events of every level of every covariate, and where it is blank."""
    for column in plan.kept:
        if column.kind in ("binary", "categorical") and column.name not in plan.strata:
            values = covariates[column.name]
            for level, happened in pd.Series(event).groupby(values.to_numpy(), observed=True):
                yield f"{column.name} = {written(level)}", int(happened.sum())
    for name, columns in plan.blanks.items():
        yield name, int(event[covariates[columns[0]].isna()].sum())
