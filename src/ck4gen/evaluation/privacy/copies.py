"""Synthetic rows that equal a real row on every covariate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.intervals import wilson

EXACT = (
    "privacy/exact_copy",
    "privacy/exact_copy_holdout",
    "privacy/exact_copy_chance",
    "privacy/exact_copy_twins",
)
NO_HOLDOUT = "no patients were held out"
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
    MetricInfo(
        "privacy/exact_copy_twins",
        "by chance, no control",
        "share of training patients equal to another one",
    ),
)


def exact_copies(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    schema: Schema,
    confidence: float,
) -> dict[str, Metric]:
    """Share of synthetic rows that equal a training row on every covariate, and its controls.

    ``exact_copy_holdout`` is the same share against the held-out rows, of which there are fewer
    to collide with; ``exact_copy_chance`` the share of held-out rows that equal a training row:
    what new patients score on data this coarse. ``exact_copy_twins``, the share of training rows
    that equal another one, stands in for it where nobody was held out. Intervals of Wilson 1927.
    """

    def share(table: pd.DataFrame, target: pd.DataFrame) -> Metric:
        keys = [pd.MultiIndex.from_frame(_plain(t, schema)) for t in (table, target)]
        return _share(keys[0].isin(keys[1]), confidence)

    none = Metric(None, reason=NO_HOLDOUT)
    metrics = (
        share(synthetic, real),
        none if holdout is None else share(synthetic, holdout),
        none if holdout is None else share(holdout, real),
        _share(twins(real, schema), confidence),
    )
    return dict(zip(EXACT, metrics, strict=True))


def copied(patients: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) whether a patient stands in the table, equal in every covariate."""
    keys = [pd.MultiIndex.from_frame(_plain(t, schema)) for t in (patients, synthetic)]
    is_copied: np.ndarray = keys[0].isin(keys[1])
    return is_copied


def twins(patients: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) whether another patient is equal in every covariate."""
    has_twin: np.ndarray = _plain(patients, schema).duplicated(keep=False).to_numpy()
    return has_twin


def _share(hits: np.ndarray, confidence: float) -> Metric:
    return number(hits.mean(), *wilson(hits.sum(), len(hits), confidence))


def _plain(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    texts = schema.of_kind("categorical")
    return table[schema.names].astype({n: str if n in texts else float for n in schema.names})
