"""Whom the shadow attack is mounted on: patients who have no near neighbour, and random ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.privacy.gower import coordinates_by_column

VULNERABLE, RANDOM = "vulnerable", "random"
BLOCK = 500  # patients whose distances to all others are held at once


def vulnerability(patients: pd.DataFrame, schema: Schema, count: int) -> np.ndarray:
    """(n,) mean distance of each patient to the ``count`` nearest others.

    The distance of Meeus et al. 2023 (Achilles' heels, their eq. 1): one minus the cosine of the
    categories, one-hot, and that of the numerics, from 0 to 1, each weighted by its number of
    columns. Time and event are columns as well.

    Args:
        patients: (n, p + 2) the cohort, complete.
        schema: Its columns.
        count: Nearest others.

    Raises:
        ValueError: A value is missing.
    """
    whole = schema.with_outcome(integer=False)
    parts = coordinates_by_column(patients, patients, whole)
    numeric = [column.name for column in whole if column.kind == "numeric"]
    shares, units = [], []
    for names in (numeric, [name for name in parts if name not in numeric]):
        if names:
            points = np.hstack([parts[name] for name in names])
            if names is numeric:
                points = points - points.min(0)
                points = points / np.maximum(points.max(0), np.finfo(float).tiny)
            length = np.linalg.norm(points, axis=1, keepdims=True)
            units.append(points / np.maximum(length, np.finfo(float).tiny))
            shares.append(len(names) / len(parts))
    count = min(count, len(patients) - 1)
    distances = []
    for start in range(0, len(patients), BLOCK):
        rows = range(start, min(start + BLOCK, len(patients)))
        near = sum(s * u[rows] @ u.T for s, u in zip(shares, units, strict=True))
        distance = 1 - np.asarray(near)
        distance[np.arange(len(rows)), rows] = np.inf  # nobody is a neighbour of him or herself
        distances.append(np.partition(distance, count - 1, axis=1)[:, :count].mean(1))
    return np.concatenate(distances)


def choose_targets(exposure: np.ndarray, vulnerable: int, random: int, seed: int) -> dict[int, str]:
    """Rows of the targets and why each was chosen: the most exposed, and others at random.

    Args:
        exposure: (n,) of :func:`vulnerability`.
        vulnerable: How many of the most exposed.
        random: How many of the rest.
        seed: Seed of the random choice.
    """
    order = np.argsort(-exposure, kind="stable")
    rest = np.random.default_rng([seed, 1]).permutation(np.sort(order[vulnerable:]))
    chosen = dict.fromkeys(map(int, order[:vulnerable]), VULNERABLE)
    return chosen | dict.fromkeys(map(int, rest[:random]), RANDOM)
