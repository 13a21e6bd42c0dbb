"""A whole real cohort, as the runs of a report saw it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from ck4gen.config import built, defaults
from ck4gen.data.schema import Schema


@dataclass(frozen=True)
class Cohort:
    """A real cohort: its table and schema."""

    table: pd.DataFrame
    schema: Schema


@cache
def real_cohort(dataset: str) -> Cohort:
    """A whole real cohort of ``conf/data`` as the runs saw it."""
    return cohort_of(defaults(f"data={dataset}")["data"])


def cohort_of(node: dict) -> Cohort:
    """The cohort that a node ``data`` describes."""
    data = built(node)
    data.setup()
    return Cohort(data.train, data.schema)
