"""Synthetic rows that equal a real row on every covariate."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.intervals import wilson

EXACT = ("privacy/exact_copy", "privacy/exact_copy_holdout", "privacy/exact_copy_chance")
NO_HOLDOUT = "no held-out rows (split=release)"
INFO = (
    MetricInfo(
        "privacy/exact_copy",
        "Exact copies",
        "share of synthetic patients equal to a real one on every covariate",
        ideal=0,
        headline=True,
    ),
    MetricInfo(
        "privacy/exact_copy_holdout",
        "Copies of held-out rows",
        "share equal to a held-out patient on every covariate",
    ),
    MetricInfo(
        "privacy/exact_copy_chance",
        "by chance",
        "share of held-out patients equal to a training one",
    ),
)


def exact_copies(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    schema: Schema,
    confidence: float,
) -> dict[str, Metric]:
    """Share of synthetic rows that equal a training row on every covariate, and two controls.

    ``exact_copy_holdout`` is the same share against the held-out rows, of which there are fewer
    to collide with; ``exact_copy_chance`` the share of held-out rows that equal a training row:
    what new patients score on data this coarse. Intervals of Wilson 1927.
    """

    def share(table: pd.DataFrame, target: pd.DataFrame) -> Metric:
        keys = [pd.MultiIndex.from_frame(_plain(t, schema)) for t in (table, target)]
        hits = keys[0].isin(keys[1])
        return number(hits.mean(), *wilson(hits.sum(), len(hits), confidence))

    none = Metric(None, reason=NO_HOLDOUT)
    found = (
        share(synthetic, real),
        none if holdout is None else share(synthetic, holdout),
        none if holdout is None else share(holdout, real),
    )
    return dict(zip(EXACT, found, strict=True))


def _plain(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    texts = schema.of_kind("categorical")
    return table[schema.names].astype({n: str if n in texts else float for n in schema.names})
