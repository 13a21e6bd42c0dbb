"""Groups of rows that are alike in what an outsider may know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema


def key_names(schema: Schema, keys: Sequence[str]) -> list[str]:
    """The covariates that an outsider may know; all where none is named.

    Raises:
        ValueError: A name is no covariate.
    """
    names = {*schema.names}
    if unknown := [name for name in keys if name not in names]:
        raise ValueError(f"evaluation.privacy.keys names {', '.join(unknown)}: no such covariate")
    return [name for name in schema.names if not keys or name in keys]


def banded(
    tables: Sequence[pd.DataFrame], real: pd.DataFrame, schema: Schema, bands: int
) -> list[pd.DataFrame]:
    """The covariates of each table as whole numbers: levels, and bands of numerics.

    Args:
        tables: Tables to code alike.
        real: Rows whose quantiles end the bands.
        schema: Columns of all.
        bands: Bands of a numeric, of equally many real rows.

    Raises:
        ValueError: A value is missing.
    """
    banded_tables = []
    for table in tables:
        if table[schema.names].isna().any(axis=None):
            raise ValueError("missing values")
        codes = {}
        for column in schema:
            values = table[column.name]
            if column.kind == "categorical":
                codes[column.name] = pd.Index(column.levels).get_indexer(values.astype(str))
            elif column.kind == "binary":
                codes[column.name] = values.to_numpy(float).astype(int)
            else:
                inner = np.arange(1, bands) / bands
                ends = np.unique(np.quantile(real[column.name].astype(float), inner))
                codes[column.name] = np.searchsorted(ends, values.to_numpy(float), "right")
        banded_tables.append(pd.DataFrame(codes))
    return banded_tables


def numbered(tables: Sequence[pd.DataFrame], keys: list[str]) -> list[np.ndarray]:
    """(n,) the group of each row of each table, numbered across all of them."""
    sizes = np.cumsum([len(table) for table in tables])[:-1]
    together = pd.concat([table[keys] for table in tables], ignore_index=True)
    return np.split(together.groupby(keys, sort=False).ngroup().to_numpy(), sizes)
