"""Tables of hazard ratios as they are written: read, and shown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SIDES = ("real", "synthetic")
ENDS = ("", "_low", "_high")
NUMBERS = tuple(side + end for side in SIDES for end in ENDS)
TEXTS = ("term", "cause")
VISIBLE = 0.015  # width of an interval of log hazard ratios that two digits show


def read_hazard_table(file: Path) -> pd.DataFrame:
    """A table that was written to a CSV file; a term may be called ``null``, ``NA`` or ``1``."""
    blank = {name: [""] for name in NUMBERS}
    return pd.read_csv(
        file, keep_default_na=False, na_values=blank, dtype=dict.fromkeys(TEXTS, str)
    )


def readable(row: Mapping) -> dict[Hashable, Any]:
    """A row with hazard ratios per ten, hundred, ... units where they say nothing per unit.

    As of a laboratory value in the thousands, whose interval would read 1.00-1.00. The step is the
    least power of ten for which the real interval is ``VISIBLE`` wide, and stands in ``per``.

    Args:
        row: One row of :func:`hazard_table`.
    """
    width = np.log(row["real_high"]) - np.log(row["real_low"]) if row["real_low"] > 0 else np.nan
    seen = not np.isfinite(width) or width <= 0 or width >= VISIBLE
    step = 1.0 if seen else float(10.0 ** np.ceil(np.log10(VISIBLE / width)))
    return {**row, "per": step} | {name: row[name] ** step for name in NUMBERS}


def row_name(row: Mapping, term: str) -> str:
    """A term by its name for people, with its step, and its cause where causes compete.

    Args:
        row: One row of :func:`hazard_table`, or of :func:`readable`.
        term: The name.
    """
    return with_cause(row, f"{term} per {row['per']:,.0f}" if row.get("per", 1) > 1 else term)


def with_cause(row: Mapping, name: str) -> str:
    """A name with the cause whose hazard it is, where causes compete."""
    return f"{name} ({row['cause']})" if "cause" in row else name


def ratio_text(row: Mapping, side: str) -> str:
    """A hazard ratio with its interval, as text.

    Args:
        row: One row of :func:`hazard_table`.
        side: ``real`` or ``synthetic``.
    """
    ratio, low, high = (row[f"{side}{part}"] for part in ENDS)
    return "-" if pd.isna(ratio) else f"{ratio:.2f} ({low:.2f}-{high:.2f})"
