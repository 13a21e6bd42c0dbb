"""Tables of hazard ratios as they are written: read, and shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

NUMBERS = tuple(side + end for side in ("real", "synthetic") for end in ("", "_low", "_high"))


def read_hazard_table(file: Path) -> pd.DataFrame:
    """A table that was written to a CSV file; a term may be called ``null`` or ``NA``."""
    return pd.read_csv(file, keep_default_na=False, na_values={c: [""] for c in NUMBERS})


def row_name(row: Mapping, term: str) -> str:
    """A term by its name for people, with the cause whose hazard it is where causes compete.

    Args:
        row: One row of :func:`hazard_table`.
        term: The name.
    """
    return f"{term} ({row['cause']})" if "cause" in row else term


def ratio_text(row: Mapping, side: str) -> str:
    """A hazard ratio with its interval, as text.

    Args:
        row: One row of :func:`hazard_table`.
        side: ``real`` or ``synthetic``.
    """
    ratio, low, high = (row[f"{side}{part}"] for part in ("", "_low", "_high"))
    return "-" if pd.isna(ratio) else f"{ratio:.2f} ({low:.2f}-{high:.2f})"
