"""Synthetic rows that equal a real row on every covariate."""

from __future__ import annotations

from collections.abc import Sequence

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
    shared = [real, synthetic] if holdout is None else [real, synthetic, holdout]
    used, made, *others = _row_numbers(shared, schema)

    def share(rows: np.ndarray, target: np.ndarray) -> Metric:
        return _share(np.isin(rows, target), confidence)

    none = Metric(None, reason=NO_HOLDOUT)
    metrics = (
        share(made, used),
        share(made, others[0]) if others else none,
        share(others[0], used) if others else none,
        _share(_repeated(used), confidence),
    )
    return dict(zip(EXACT, metrics, strict=True))


def copied(patients: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) whether a patient stands in the table, equal in every covariate."""
    rows, made = _row_numbers([patients, synthetic], schema)
    return np.isin(rows, made)


def twins(patients: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) whether another patient is equal in every covariate."""
    return _repeated(_row_numbers([patients], schema)[0])


def _repeated(rows: np.ndarray) -> np.ndarray:
    has_twin: np.ndarray = pd.Series(rows).duplicated(keep=False).to_numpy()
    return has_twin


def _share(hits: np.ndarray, confidence: float) -> Metric:
    return number(hits.mean(), *wilson(hits.sum(), len(hits), confidence))


def _row_numbers(tables: Sequence[pd.DataFrame], schema: Schema) -> list[np.ndarray]:
    """By table, a number for each row: the same one wherever all covariates are equal."""
    lengths = [len(table) for table in tables]
    numbers = np.zeros(sum(lengths), int)
    for column in schema:
        kind = str if column.kind == "categorical" else float
        values = np.concatenate([table[column.name].astype(kind).to_numpy() for table in tables])
        codes, found = pd.factorize(values, use_na_sentinel=False)
        numbers, _ = pd.factorize(numbers * len(found) + codes)
    return np.split(numbers, np.cumsum(lengths)[:-1])
