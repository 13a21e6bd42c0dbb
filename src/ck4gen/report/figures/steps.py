"""Hazard ratios of numerics per step that people can see: 10 years, and not one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ck4gen.evaluation.written_hazards import NUMBERS

ROUND = (1, 2, 5)  # and their tenfolds


def steps(rows: pd.DataFrame, terms: pd.Series) -> dict[str, float]:
    """The round number nearest below the SD of each numeric term; 0/1 terms have none.

    Args:
        rows: (n, >= 2) rows of the synthetic table, which everybody may see.
        terms: Terms of the design.
    """
    step_by_term = {}
    for term in terms:
        values = rows.get(term)
        if values is None or not pd.api.types.is_numeric_dtype(values):
            continue
        sd = float(values.std())
        if len(values.dropna().unique()) > 2 and np.isfinite(sd) and sd > 0:
            power = 10.0 ** np.floor(np.log10(sd))
            step_by_term[term] = float(f"{max(r * power for r in ROUND if r * power <= sd):.6g}")
    return step_by_term


def per_step(table: pd.DataFrame, by_term: Mapping[str, float]) -> pd.DataFrame:
    """``hazard_ratios.csv`` with hazard ratios per step instead of per unit."""
    power = table["term"].map(dict(by_term)).fillna(1.0).to_numpy(float)
    scaled = table.copy()
    for column in NUMBERS:
        scaled[column] = table[column].to_numpy(float) ** power
    return scaled
