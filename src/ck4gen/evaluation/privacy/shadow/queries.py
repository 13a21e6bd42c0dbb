"""Counts of synthetic rows that are like a target in random parts of the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema

WAYS = 3  # a numeric is compared in one of so many ways: not above, not below, near


@dataclass(frozen=True)
class Queries:
    """The query-based attack of TAPAS (Houssiau et al. 2022), extended to numerics.

    A query is a random part of the columns. It counts the rows that agree with the target in all
    of them: a category is the same; a numeric is not above, not below (Meeus et al. 2023) or near
    that of the target, as is drawn for each query.

    Attributes:
        targets: (k, p + 2) the targets.
        schema: Columns.
        near: (c,) largest difference of a numeric that is near; 0 elsewhere.
        parts: (q, 3 c) 1 where a query asks for that comparison of that column.
    """

    targets: pd.DataFrame
    schema: Schema
    near: np.ndarray
    parts: np.ndarray

    @classmethod
    def drawn(
        cls,
        patients: pd.DataFrame,
        targets: pd.DataFrame,
        schema: Schema,
        number: int,
        tolerance: float,
        seed: int,
    ) -> Queries:
        """Draw the queries; time and event are columns as well.

        Args:
            patients: Rows that give the scale of what is near.
            targets: The targets.
            schema: Columns of both, without the outcome.
            number: How many queries.
            tolerance: Difference of a numeric that is near, in SDs.
            seed: Seed of the draw.
        """
        whole = schema.with_outcome(integer=False)
        columns = list(whole)
        near = [
            tolerance * patients[c.name].astype(float).std() if c.kind == "numeric" else 0.0
            for c in columns
        ]
        generator = np.random.default_rng([seed, 2])
        parts = np.zeros((number, WAYS, len(columns)), np.float32)
        for part in parts:
            size = generator.integers(1, len(columns) + 1)
            queried = generator.permutation(len(columns))[:size]
            part[generator.integers(0, WAYS, size), queried] = 1
        return cls(targets, whole, np.array(near), parts.reshape(number, -1))

    def counts(self, table: pd.DataFrame) -> np.ndarray:
        """(k, q) shares of the rows that agree with each target."""
        rows, sought = (self._plain(t) for t in (table, self.targets))
        constrained = self.parts.sum(1)
        shares = []
        for target in sought:
            gap = rows - target
            agrees = np.stack([gap <= 0, gap >= 0, np.abs(gap) <= self.near + 1e-12], 1)
            category = [column.kind != "numeric" for column in self.schema]
            agrees[:, :, category] = (gap == 0)[:, None, category]
            met = agrees.reshape(len(rows), -1).astype(np.float32) @ self.parts.T
            shares.append((met == constrained).mean(0))
        return np.array(shares)

    def _plain(self, table: pd.DataFrame) -> np.ndarray:
        """Numbers, and the place of a level in its list; one that is unknown is -1."""
        columns = []
        for column in self.schema:
            values = table[column.name]
            if column.kind == "categorical":
                values = pd.Series(pd.Index(column.levels).get_indexer(values.astype(str)))
            columns.append(values.to_numpy(float))
        return np.column_stack(columns)
