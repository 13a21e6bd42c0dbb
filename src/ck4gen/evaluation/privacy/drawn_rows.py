"""Fewer patients to attack, where a table has too many to attack each."""

from __future__ import annotations

import numpy as np
import pandas as pd


def drawn(table: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """The table itself, or ``most`` of its rows drawn at random, in their order.

    Args:
        table: Rows.
        most: Rows that are kept.
        seed: Seed of the draw.
    """
    if len(table) <= most:
        return table
    rows = np.random.default_rng([seed, 5]).permutation(len(table))[:most]
    return table.iloc[np.sort(rows)].reset_index(drop=True)
