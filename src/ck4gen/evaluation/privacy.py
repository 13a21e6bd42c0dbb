"""How close synthetic patients are to real ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ck4gen.data.schema import Schema
from ck4gen.evaluation.metric import Metric, number

EXACT = ("privacy/exact_copy", "privacy/exact_copy_holdout")
SELF_LINK = ("privacy/self_link",)
CHUNK = 8_000_000  # distances held at once: 64 MB
TIE = 1e-9  # distances this close are equal


def exact_copies(
    real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None, schema: Schema
) -> dict[str, Metric]:
    """Share of synthetic rows that equal a training row on every covariate.

    The same share for held-out rows is what chance gives on data this coarse.
    """

    def share(table: pd.DataFrame) -> float:
        keys = [pd.MultiIndex.from_frame(_plain(t, schema)) for t in (synthetic, table)]
        return keys[0].isin(keys[1]).mean()

    return {
        "privacy/exact_copy": number(share(real)),
        "privacy/exact_copy_holdout": Metric(None, reason="no held-out rows (split=release)")
        if holdout is None
        else number(share(holdout)),
    }


def _plain(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    texts = schema.of_kind("categorical")
    return table[schema.names].astype({n: str if n in texts else float for n in schema.names})


def coordinates(table: pd.DataFrame, real: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n, d) points whose Euclidean distance is Gower-like.

    Numerics in real SDs; a category is one-hot over sqrt 2, so that two levels are 1 apart.
    """
    parts = []
    for column in schema:
        values = table[column.name]
        if column.kind == "numeric":
            parts.append(values.to_numpy(float)[:, None] / real[column.name].astype(float).std())
        else:
            if column.kind == "binary":  # 1, 1.0 and True are the same level
                one_hot = values.to_numpy(float)[:, None] == (0.0, 1.0)
            else:
                one_hot = values.astype(str).to_numpy()[:, None] == np.array(column.levels)
            parts.append(one_hot / np.sqrt(2))
    return np.hstack(parts)


def self_link(
    real: pd.DataFrame, synthetic: pd.DataFrame, source: np.ndarray, schema: Schema
) -> dict[str, Metric]:
    """Share of synthetic rows whose nearest training row is the row they came from.

    Ties count 1 / tied rows; the share is divided by what a perfect copy would score, so a copy
    scores 1 on coarse data too. Chance is about 1 / n.
    """
    points = coordinates(real, real, schema)
    queries = coordinates(synthetic, real, schema)
    if np.isnan(queries).any():
        raise ValueError("missing values in the synthetic table")
    _, group, size = np.unique(points.round(9), axis=0, return_inverse=True, return_counts=True)
    perfect = (1 / size[group.ravel()])[source].mean()
    step = max(1, CHUNK // len(points))
    score = 0.0
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        distance = cdist(queries[rows], points)
        nearest = distance <= distance.min(1, keepdims=True) + TIE
        own = nearest[np.arange(len(nearest)), source[rows]]
        score += (own / nearest.sum(1)).sum()
    return {"privacy/self_link": number(score / len(queries) / perfect)}
