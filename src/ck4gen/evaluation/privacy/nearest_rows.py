"""The attacker finds the synthetic row nearest in what is known and reads one covariate off it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.schema import Column
from ck4gen.evaluation.privacy.gower import TIE, neighbours

TIED = 8  # distinct synthetic profiles at the same distance that are looked at, at most


@dataclass(frozen=True)
class NearestRows:
    """For each target the synthetic rows nearest in what the attacker knows, ties together.

    Rows that are equal in it make one profile.

    Attributes:
        group: (m,) profile of each synthetic row.
        target: (k,) target of each pair of a target and a profile that is nearest to it.
        nearest: (k,) profile of each such pair.
        tied_rows: (t,) synthetic rows that are nearest to each target.
    """

    group: np.ndarray
    target: np.ndarray
    nearest: np.ndarray
    tied_rows: np.ndarray

    @classmethod
    def of(cls, synthetic: np.ndarray, targets: np.ndarray) -> NearestRows:
        """Find them.

        Args:
            synthetic: (m, d) what the attacker knows, of the synthetic rows.
            targets: (t, d) the same of the targets.
        """
        profiles, group = distinct_rows(synthetic.round(9))
        distance, nearest = neighbours(profiles, targets.round(9), TIED)
        target, rank = np.nonzero(distance <= distance[:, :1] + TIE)
        nearest = nearest[target, rank]
        rows = np.bincount(group)[nearest]
        return cls(group, target, nearest, np.bincount(target, rows, len(targets)))

    @classmethod
    def by_distance(cls, squared: np.ndarray) -> NearestRows:
        """The same of (t, m) squared distances, every synthetic row a profile of its own."""
        distance = np.sqrt(squared.clip(min=0))
        target, nearest = np.nonzero(distance <= distance.min(1)[:, None] + TIE)
        tied = np.bincount(target, minlength=len(distance))
        return cls(np.arange(distance.shape[1]), target, nearest, tied)

    def success(self, values: np.ndarray, truth: np.ndarray, tolerance: float) -> np.ndarray:
        """(t,) chance that the value read off is right; among tied rows one is drawn.

        Args:
            values: (m,) the covariate in the synthetic rows.
            truth: (t,) the covariate of the targets.
            tolerance: Largest error that counts as right.
        """
        # rows sorted by group, then value, become one sorted line: a group's values within the
        # tolerance are those between two positions on it
        width = np.ptp(np.concatenate([values, truth])) + 4 * tolerance + 1
        base = min(values.min(), truth.min()) - 2 * tolerance
        line = np.sort(self.group * width + values - base)
        centre = self.nearest * width + (truth - base)[self.target]
        first = np.searchsorted(line, centre - (tolerance + TIE), "left")
        last = np.searchsorted(line, centre + (tolerance + TIE), "right")
        hits: np.ndarray = np.bincount(self.target, last - first, len(truth)) / self.tied_rows
        return hits


def distinct_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, d) distinct rows in their order, and (n,) which of them each row is.

    As ``np.unique(rows, axis=0)`` has them, in a fraction of its time.
    """
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    new = np.r_[True, (ordered[1:] != ordered[:-1]).any(1)]
    group = np.empty(len(rows), int)
    group[order] = new.cumsum() - 1
    return ordered[new], group


def comparable(
    column: Column, table: pd.DataFrame, real: pd.DataFrame, tolerance: float
) -> tuple[np.ndarray, float]:
    """(n,) a covariate as numbers, and the error that still counts as right.

    Numerics in SDs of the training rows; levels by their position, of which only the same one is
    right.
    """
    values = table[column.name]
    if column.kind == "numeric":
        return values.to_numpy(float) / real[column.name].astype(float).std(), tolerance
    if column.kind == "binary":
        return values.to_numpy(float), 0.25
    codes = pd.Categorical(values.astype(str), categories=column.levels).codes
    return codes.astype(float), 0.25
