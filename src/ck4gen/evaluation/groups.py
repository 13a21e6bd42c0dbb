"""Groups of patients that a table is compared within: levels, and thirds of numerics.

The calibration has strata of its own (``calibration/cox_conditions.py``): what judges a table
shares no code with what makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema

THIRDS = (1 / 3, 2 / 3)


@dataclass(frozen=True)
class Level:
    """The patients with one level of a binary or a category."""

    column: str
    level: object

    @property
    def name(self) -> str:
        """As ``stage=II``."""
        return f"{self.column}={self.level}"

    def rows(self, table: pd.DataFrame) -> np.ndarray:
        """(n,) which rows of a table are theirs."""
        return (table[self.column] == self.level).to_numpy()


@dataclass(frozen=True)
class Range:
    """The patients with a numeric above ``low`` and up to ``high``, under a ``name``."""

    column: str
    low: float
    high: float
    name: str

    def rows(self, table: pd.DataFrame) -> np.ndarray:
        """(n,) which rows of a table are theirs."""
        values = table[self.column].to_numpy(float)
        return (self.low < values) & (values <= self.high)


def groups(table: pd.DataFrame, schema: Schema) -> Iterator[Level | Range]:
    """Every level of a category or binary and every third of a numeric, in schema order.

    Where both cuts of a numeric are at one value there are two groups. Where a cut is the largest
    value, nobody of this table is above it, though somebody of another may be.

    Args:
        table: (n, >= p) real rows, which decide the thirds.
        schema: Their columns.
    """
    for column in schema:
        if column.kind == "numeric":
            values = table[column.name].to_numpy(float)
            ends = [-np.inf, *np.unique(np.quantile(values, THIRDS)), np.inf]
            for low, high in pairwise(ends):
                left = f"{low:.4g}<" if np.isfinite(low) else ""
                right = f"<={high:.4g}" if high < values.max() else ""
                yield Range(column.name, low, high, f"{left}{column.name}{right}")
        else:
            for level in column.levels or (0, 1):
                yield Level(column.name, level)
