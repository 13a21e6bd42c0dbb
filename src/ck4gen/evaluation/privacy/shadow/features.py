"""What an attacker reads off one synthetic table, for each target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.schema import EVENT, Schema
from ck4gen.evaluation.privacy.gower import coordinates
from ck4gen.evaluation.privacy.shadow.queries import Queries
from ck4gen.survival.cox import CoxError
from ck4gen.survival.cox_data import cox_data

ATTACKS = {
    "distance": "how near the nearest row, covariates, outcome and values come",
    "naive": "means, spreads, ends, quartiles and correlations of the columns",
    "hazard_ratios": "the hazard ratios",
    "queries": "how many rows are like the target in random parts of the columns",
}
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Reader:
    """An attacker who knows the targets, and the cohort's kind of patient.

    Attributes:
        patients: (n, p + 2) rows that give the scale.
        targets: (k, p + 2) the targets.
        schema: Columns of all.
        queries: What is counted, for each target.
    """

    patients: pd.DataFrame
    targets: pd.DataFrame
    schema: Schema
    queries: Queries

    def features(self, table: pd.DataFrame, attacks: Sequence[str]) -> dict[str, np.ndarray]:
        """(k, d) numbers by attack; those that do not depend on the target repeat.

        Args:
            table: One synthetic table.
            attacks: Keys of ``ATTACKS``.
        """
        read = {
            "distance": self._distance,
            "naive": self._naive,
            "hazard_ratios": self._hazard_ratios,
            "queries": lambda rows: self.queries.counts(rows),
        }
        by_attack = {name: np.asarray(read[name](table), float) for name in attacks}
        shape = len(self.targets), -1
        return {name: np.broadcast_to(f, (shape[0], f.shape[-1])) for name, f in by_attack.items()}

    def _distance(self, table: pd.DataFrame) -> np.ndarray:
        """(k, 4) of the nearest row by record, by covariates, by outcome, and of single values."""
        whole = self.schema.with_outcome(integer=False)
        record = [coordinates(t, self.patients, whole) for t in (table, self.targets)]
        wide = coordinates(self.targets, self.patients, self.schema).shape[1]
        rows, sought = record
        same = table[EVENT].to_numpy() == self.targets[EVENT].to_numpy()[:, None]
        distances = []
        for target, alike in zip(sought, same, strict=True):
            gap = np.abs(rows - target)
            times = gap[alike] if alike.any() else gap
            distances.append(
                (
                    np.linalg.norm(gap, axis=1).min(),
                    np.linalg.norm(gap[:, :wide], axis=1).min(),
                    times[:, wide].min(),
                    gap.min(0).mean(),
                )
            )
        return np.array(distances)

    def _naive(self, table: pd.DataFrame) -> np.ndarray:
        """(d,) summaries of all columns, after Stadler, Oprisanu and Troncoso 2022."""
        whole = self.schema.with_outcome(integer=False)
        points = coordinates(table, self.patients, whole)
        spread = points.std(0)
        centred = (points - points.mean(0)) / np.where(spread > 0, spread, 1)
        pairs = np.triu_indices(points.shape[1], 1)
        correlation = (centred.T @ centred / len(points))[pairs]
        values = np.column_stack([table[n].to_numpy(float) for n in whole.of_kind("numeric")])
        quantiles = np.quantile(values, QUANTILES, axis=0).ravel()
        return np.concatenate([points.mean(0), spread, quantiles, correlation])

    def _hazard_ratios(self, table: pd.DataFrame) -> np.ndarray:
        """(p,) log hazard ratios; 0, which says nothing, where the table has no Cox model."""
        data = cox_data(table, self.patients, self.schema)
        try:
            return data.fit().coefficients.to_numpy()
        except CoxError:
            return np.zeros(data.design.shape[1])
