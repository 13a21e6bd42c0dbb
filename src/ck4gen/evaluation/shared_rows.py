"""Which rows of a table stand in others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def within(table: pd.DataFrame, others: Sequence[pd.DataFrame], columns: list[str]) -> bool:
    """Whether every row of ``table`` stands in one of ``others``, see :func:`shared_rows`."""
    return bool(shared_rows(table, others, columns).all())


def shared_rows(
    table: pd.DataFrame, others: Sequence[pd.DataFrame], columns: list[str]
) -> np.ndarray:
    """(n,) whether a row of ``table`` stands in one of ``others``, on these columns.

    Args:
        table: Rows to look for.
        others: Tables to look in.
        columns: Columns that are compared.
    """
    together = pd.concat([_plain(other[columns]) for other in others], ignore_index=True)
    rows, real = (pd.MultiIndex.from_frame(t) for t in (_plain(table[columns]), together))
    in_others: np.ndarray = rows.isin(real)
    return in_others


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers as floats and all else as text, so that 1 and 1.0 are the same value."""
    return table.apply(
        lambda v: v.astype(float) if pd.api.types.is_numeric_dtype(v) else v.astype(str)
    )
