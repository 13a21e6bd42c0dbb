"""Any data frame as a plain one of pandas: names are texts, dtypes those of numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ck4gen.data.reading.source import Source
from ck4gen.settings import InputError


def plain_frame(table: Any) -> pd.DataFrame:
    """A pandas frame with text names and plain dtypes; the original is left as it is.

    Sparse columns become dense, nullable and Arrow columns those of numpy with NaN or None for a
    blank, durations days. Frames of Polars and of libraries with the dataframe interchange protocol
    are converted.

    Args:
        table: A frame of pandas, Polars or any other library that speaks the protocol.

    Raises:
        InputError: It is no data frame, or a column name stands twice.
    """
    frame = _pandas(table)
    names = [str(name).strip() for name in frame.columns]
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"column name '{name}' stands twice; rename one of them")
        seen.add(name)
    columns = {name: _plain(frame.iloc[:, column_index]) for column_index, name in enumerate(names)}
    return pd.DataFrame(columns, index=range(len(frame)))


def _pandas(table: Any) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        return table
    if isinstance(table, str) or hasattr(table, "__fspath__"):
        raise InputError(
            f"'{table}' is a path, and a table is expected; read it first, or use "
            "ck4gen.synthesize(path, ...)"
        )
    if hasattr(table, "iter_columns"):  # Polars, which has left the protocol
        return pd.DataFrame({column.name: column.to_list() for column in table.iter_columns()})
    if hasattr(table, "__dataframe__"):
        return pd.api.interchange.from_dataframe(table)
    raise InputError(
        f"a table is expected, not {type(table).__name__}; make it a pandas DataFrame with named "
        "columns"
    )


def _plain(values: pd.Series) -> pd.Series:
    """One column with a dtype of numpy, or categorical, and a running index."""
    dtype = values.dtype
    plain = values.reset_index(drop=True)
    if isinstance(dtype, pd.CategoricalDtype) and len(set(map(type, dtype.categories))) > 1:
        return plain.astype(object)  # SPSS: numbers, some of which have a label
    if isinstance(dtype, pd.SparseDtype):
        return plain.sparse.to_dense()
    if isinstance(dtype, pd.CategoricalDtype | np.dtype):
        return _days(plain) if dtype.kind == "m" else plain
    if isinstance(dtype, pd.DatetimeTZDtype):
        return plain.dt.tz_localize(None)
    return _unwrapped(plain)


def _unwrapped(values: pd.Series) -> pd.Series:
    """A nullable or Arrow column in numpy's dtypes."""
    kind = values.dtype.kind if hasattr(values.dtype, "kind") else "O"
    if kind in "iuf":
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        whole = kind in "iu" and not np.isnan(numbers).any()
        return pd.Series(numbers.astype(int) if whole else numbers)
    if kind == "M":
        return pd.to_datetime(pd.Series(values.to_numpy(dtype=object, na_value=pd.NaT)))
    if kind == "b" and not values.isna().any():
        return values.astype(bool)
    return pd.Series(values.to_numpy(dtype=object, na_value=None), dtype=object)


def _days(values: pd.Series) -> pd.Series:
    return values / np.timedelta64(1, "D")


def as_source(table: Any) -> Source:
    """A table as it was read; a frame of any library as if it had been."""
    return table if isinstance(table, Source) else Source(plain_frame(table))
