"""Records in [0, 1] for the decoder and back (paper, figure 1b-c), and imputation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

from ck4gen.data.numeric_transform import NUMERIC, fit_numeric
from ck4gen.data.precision import decimals
from ck4gen.data.schema import Column, Schema
from ck4gen.settings import choose


@dataclass(frozen=True)
class Field:
    """Where one column sits in the record: ``record[:, start:stop]``."""

    name: str
    kind: str
    start: int
    stop: int


def on_grid(column: Column, values: np.ndarray) -> np.ndarray:
    """(n,) nearest values that a numeric column can take: its own few, or those on its grid."""
    if column.values:
        allowed = np.sort(np.array(column.values))
        return allowed[np.searchsorted((allowed[1:] + allowed[:-1]) / 2, values)]
    return np.round(values / column.step) * column.step if column.step else values


def written(column: Column, values: np.ndarray) -> np.ndarray:
    """(n,) numbers of a column, codes of its levels, as they stand in a table."""
    if column.kind == "categorical":
        return np.array(column.levels, dtype=object)[values.astype(int)]
    return values.astype(int) if column.kind == "binary" or column.integer else values


class RecordEncoder:
    """Table to record and back: numerics to [0, 1], binaries 0/1, categories one-hot.

    Args:
        schema: Columns of the table.
        numeric: ``boxcox``, ``quantile``, ``minmax`` or ``normal``.
    """

    def __init__(self, schema: Schema, numeric: str) -> None:
        self.schema = schema
        self.numeric = choose("method.numeric", numeric, NUMERIC)
        self.fields: list[Field] = []
        start = 0
        for column in schema:
            width = len(column.levels) if column.kind == "categorical" else 1
            self.fields.append(Field(column.name, column.kind, start, start + width))
            start += width
        self.width = start

    @property
    def groups(self) -> list[list[int]]:
        """Per column ``[start, stop, numeric]``, the layout as the networks take it."""
        return [[f.start, f.stop, int(f.kind == "numeric")] for f in self.fields]

    def fit(
        self, train: pd.DataFrame, values: Mapping[str, np.ndarray] = MappingProxyType({})
    ) -> RecordEncoder:
        """Learn transforms, ranges and decimals of the numerics.

        Args:
            train: The training rows.
            values: By column, what its transform and range are learnt from instead.
        """
        self.pipelines, self.ranges, self.decimals = {}, {}, {}
        for name in self.schema.of_kind("numeric"):
            real = train[name].to_numpy(float)
            learnt = values.get(name, real)
            self.pipelines[name] = fit_numeric(self.numeric, learnt[:, None])
            self.ranges[name] = (learnt.min(), learnt.max())
            self.decimals[name] = decimals(real)
        return self

    def transform(self, table: pd.DataFrame) -> np.ndarray:
        """(n rows) -> (n, width) float32 record in [0, 1]."""
        parts = []
        for column in self.schema:
            values = table[column.name]
            if column.kind == "numeric":
                scaled = self.pipelines[column.name].transform(values.to_numpy(float)[:, None])
                parts.append(np.clip(scaled, 0, 1))
            elif column.kind == "binary":
                parts.append(values.to_numpy(float)[:, None])
            else:
                labels = values.astype(str).to_numpy()[:, None]
                parts.append((labels == np.array(column.levels)).astype(float))
        return np.hstack(parts).astype(np.float32)

    def inverse(self, record: np.ndarray) -> pd.DataFrame:
        """(n, width) record -> table: threshold .5, largest category, ranges and decimals kept."""
        return pd.DataFrame({field.name: self.decode(field, record) for field in self.fields})

    def decode(self, field: Field, record: np.ndarray) -> np.ndarray:
        """(n, width) record -> (n,) values of one column, as :meth:`inverse` has them."""
        column = self.schema[field.name]
        if column.kind == "numeric":
            entries = record[:, field.start].astype(float)
            return self.rounded(column, self.unscaled(column.name, entries))
        return written(column, self.codes(field, record))

    @staticmethod
    def codes(field: Field, record: np.ndarray) -> np.ndarray:
        """(n, width) record -> (n,) 0 or 1 of a binary, number of the level of a category."""
        block = record[:, field.start : field.stop]
        return block.argmax(1) if field.kind == "categorical" else block[:, 0] >= 0.5

    def unscaled(self, name: str, entries: np.ndarray) -> np.ndarray:
        """(n,) record entries of a numeric -> (n,) values in its range, not rounded."""
        inside = np.clip(entries, 0, 1)[:, None]
        return np.clip(self.pipelines[name].inverse_transform(inside)[:, 0], *self.ranges[name])

    def restore(self, column: Column, values: np.ndarray) -> np.ndarray:
        """(n,) values in the range and with the decimals of the training rows."""
        return self.rounded(column, np.clip(values, *self.ranges[column.name]))

    def rounded(self, column: Column, values: np.ndarray) -> np.ndarray:
        """(n,) values on the column's grid, with the decimals of the training rows."""
        values = on_grid(column, values)
        values = np.round(values, self.decimals[column.name])
        return values.astype(int) if column.integer else values

    def to_state(self) -> dict:
        """What a shared sampler holds of it: no transform and no range, whose ends are patients."""
        return {
            "schema": self.schema.to_state(),
            "numeric": self.numeric,
            "decimals": dict(self.decimals),
        }

    @classmethod
    def from_state(cls, state: dict) -> RecordEncoder:
        """An encoder that rounds numerics, but can't decode them without a quantile map."""
        records = cls(Schema.from_state(state["schema"]), state["numeric"])
        records.decimals = state["decimals"]
        return records


class Imputer:
    """Fills missing numerics by scikit-learn's IterativeImputer over the covariates alone.

    The authors also used Event as a predictor; we do not (our choice), since that would carry
    the outcome of held-out rows into their covariates.
    """

    def __init__(self, schema: Schema, seed: int) -> None:
        self.schema = schema
        self.imputer = IterativeImputer(random_state=seed)

    def fit(self, train: pd.DataFrame) -> Imputer:
        """Fit on the training rows only."""
        self.imputer.fit(self.schema.design(train))
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """Copy of ``table`` without missing values; a complete table comes back unchanged."""
        design = self.schema.design(table)
        filled = pd.DataFrame(
            self.imputer.transform(design), index=table.index, columns=design.columns
        )
        missing = [name for name in self.schema.of_kind("numeric") if table[name].isna().any()]
        return table.assign(**{name: filled[name] for name in missing})
