"""Clinical subgroups: every level of a category, thirds of a numeric covariate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema

THIRDS = (1 / 3, 2 / 3)


def subgroups(table: pd.DataFrame, schema: Schema) -> Iterator[tuple[str, np.ndarray]]:
    """Name and rows ((n,) bool) of each subgroup, in schema order.

    A numeric covariate is cut at its thirds; where both cuts are at one value, or one is at the
    end, there are fewer groups.
    """
    for column in schema:
        values = table[column.name]
        if column.kind == "numeric":
            values = values.to_numpy(float)
            cuts = [c for c in np.unique(np.quantile(values, THIRDS)) if c < values.max()]
            ends = [-np.inf, *cuts, np.inf]
            for low, high in pairwise(ends):
                left = f"{low:.4g}<" if np.isfinite(low) else ""
                right = f"<={high:.4g}" if np.isfinite(high) else ""
                yield f"{left}{column.name}{right}", (low < values) & (values <= high)
        else:
            for level in column.levels or (0, 1):
                yield f"{column.name}={level}", (values == level).to_numpy()
