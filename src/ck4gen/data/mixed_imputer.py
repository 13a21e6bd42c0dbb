"""Fills the blanks of numeric, binary and categorical columns from the other columns."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

from ck4gen.data.drawn_rows import drawn_rows
from ck4gen.data.record_encoder import on_grid
from ck4gen.data.schema import Schema

NEAREST = 20  # terms, the most correlated ones, from which a term is filled in a wide table


class MixedImputer:
    """scikit-learn's IterativeImputer over the terms of the covariates, outcome left aside.

    Values are drawn from the predictive distribution and not set to its mean, which would heap
    them up and so make relations between columns that are none.

    A numeric takes the nearest value on its grid within its range, a binary the nearer of 0 and 1,
    a category the level whose term is largest.

    Args:
        schema: Columns of the table.
        seed: Seed of the imputer.
        most_rows: Training rows that the models are fitted to at most, drawn at random; cells of
            all rows are filled.
    """

    def __init__(self, schema: Schema, seed: int, most_rows: int) -> None:
        self.schema, self.seed, self.most_rows = schema, seed, most_rows
        self.imputer = IterativeImputer(
            random_state=seed,
            sample_posterior=True,
            n_nearest_features=NEAREST,
            keep_empty_features=True,
        )

    def fit(self, train: pd.DataFrame) -> MixedImputer:
        """Fit on the training rows only."""
        terms = self._terms(train)
        self.low, self.high = terms.min(), terms.max()
        some = drawn_rows(len(terms), self.most_rows, self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.imputer.fit(terms.iloc[some])
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """Copy of ``table`` without blanks; cells that are no blank stay as they are."""
        terms = self._terms(table)
        filled = pd.DataFrame(
            self.imputer.transform(terms), index=table.index, columns=terms.columns
        ).clip(self.low, self.high, axis=1)
        whole = table.copy()
        for column in self.schema:
            blank = table[column.name].isna()
            if not blank.any():
                continue
            if column.kind == "categorical":
                parts = filled[[f"{column.name}[{level}]" for level in column.levels]]
                best = np.array(column.levels, dtype=object)[parts.to_numpy().argmax(1)]
                whole[column.name] = table[column.name].where(~blank, best)
                continue
            values = filled[column.name].to_numpy()
            values = values.round() if column.kind == "binary" else on_grid(column, values)
            values = values.round() if column.integer else values
            complete = table[column.name].astype(float).where(~blank, values)
            whole[column.name] = (
                complete.astype(int) if column.integer or column.kind == "binary" else complete
            )
        return whole

    def _terms(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, q) one term per numeric, binary and level, NaN where the column is blank."""
        parts: dict[str, pd.Series] = {}
        for column in self.schema:
            values = table[column.name]
            if column.kind == "categorical":
                for level in column.levels:
                    same = (values == level).astype(float)
                    parts[f"{column.name}[{level}]"] = same.where(values.notna())
            else:
                parts[column.name] = values.astype(float)
        return pd.DataFrame(parts, index=table.index)
