"""Which columns are blank together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ck4gen.data.understanding.plan import unused

MISSING_SUFFIX = " is missing"


def indicators(covariates: pd.DataFrame, min_cell: int) -> dict[str, tuple[str, ...]]:
    """Indicator -> columns that are blank in the same rows; blanks of fewer rows get none.

    Columns that differ in fewer than ``min_cell`` rows share one, which would otherwise tell that a
    few patients are blank in one of them alone; these cells are filled.

    Args:
        covariates: (n, p) covariates, NaN for a blank.
        min_cell: Fewest blanks, and fewest cells that are no blank, for an indicator.
    """
    patterns: dict[str, np.ndarray] = {}  # by the first column, where all of its columns are blank
    members: dict[str, list[str]] = {}
    for name, blank in covariates.isna().items():
        column, rows = str(name), blank.to_numpy()
        if not min_cell <= rows.sum() <= len(rows) - min_cell:
            continue
        for first, pattern in patterns.items():
            if (pattern != rows).sum() < min_cell <= (pattern & rows).sum():
                members[first].append(column)
                patterns[first] = pattern & rows
                break
        else:
            patterns[column], members[column] = rows, [column]
    return {
        unused(f"{first}{MISSING_SUFFIX}", covariates): tuple(names)
        for first, names in members.items()
    }


def filled_apart(covariates: pd.DataFrame, blanks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What to say of columns that are blank together but for a few rows.

    Args:
        covariates: (n, p) covariates, NaN for a blank.
        blanks: Indicator -> columns, of :func:`indicators`.
    """
    notes = []
    for names in blanks.values():
        blank = covariates[list(names)].isna()
        if apart := int((blank.any(axis=1) & ~blank.all(axis=1)).sum()):
            of = ", ".join(names)
            notes.append(f"{of} are blank together but for {apart} rows, where blanks are filled")
    return notes
