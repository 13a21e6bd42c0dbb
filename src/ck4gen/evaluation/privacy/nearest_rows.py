"""The attacker finds the synthetic row nearest in what is known and reads one covariate off it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import Column
from ck4gen.evaluation.privacy.gower import TIE, neighbours

TIED = 8  # distinct synthetic profiles at the same distance that are looked at, at most


class NearestRows:
    """For each target the synthetic rows nearest in what the attacker knows, ties together.

    Args:
        known: (m, d) what the attacker knows, of the synthetic rows.
        targets: (t, d) the same of the targets.
    """

    def __init__(self, known: np.ndarray, targets: np.ndarray) -> None:
        profiles, group = np.unique(known.round(9), axis=0, return_inverse=True)
        self.group = group.ravel()  # of each synthetic row
        distance, nearest = neighbours(profiles, targets.round(9), TIED)
        # one entry for each pair of a target and a profile that is nearest to it
        self.target, at = np.nonzero(distance <= distance[:, :1] + TIE)
        self.nearest = nearest[self.target, at]
        rows = np.bincount(self.group)[self.nearest]
        self.tied_rows = np.bincount(self.target, rows, len(targets))

    @classmethod
    def by_distance(cls, squared: np.ndarray) -> NearestRows:
        """The same of (t, m) squared distances, every synthetic row a profile of its own."""
        distance = np.sqrt(squared.clip(min=0))
        rows = cls.__new__(cls)
        rows.group = np.arange(distance.shape[1])
        rows.target, rows.nearest = np.nonzero(distance <= distance.min(1)[:, None] + TIE)
        rows.tied_rows = np.bincount(rows.target, minlength=len(distance))
        return rows

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
