"""What people write around a table in a spreadsheet: titles above it, totals below."""

from __future__ import annotations

import pandas as pd

TOTALS = ("total", "totals", "sum", "mean", "average", "median", "count", "n")
EUROPEAN_TOTALS = ("gesamt", "summe", "somme", "totale")
FILLED = 0.5  # share of the cells of a header that hold a name


def lines_above(cells: pd.DataFrame) -> int:
    """Lines above the header: it is the first one of which at least half of the cells are filled.

    Args:
        cells: The sheet without a header.
    """
    filled = cells.notna().mean(axis=1).to_numpy() >= FILLED
    return int(filled.argmax()) if filled.any() else 0


def left_above(lines: int) -> str:
    """What the plan says of lines above the header."""
    return f"{lines} line{'s' * (lines > 1)} above the header left out"


def without_totals(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows without totals below them, and what the plan says of these; empty for none.

    A row of totals begins with a word such as "Total", which no row above has in that column, and
    has cells that are blank.

    Args:
        frame: The table as it was read.
    """
    rows = len(frame)
    while rows and _is_total(frame, rows - 1):
        rows -= 1
    left = len(frame) - rows
    if not left:
        return frame, ""
    return frame.iloc[:rows], f"{left} row{'s' * (left > 1)} of totals at the end left out"


def _is_total(frame: pd.DataFrame, row: int) -> bool:
    texts = ["" if pd.isna(cell) else str(cell).strip() for cell in frame.iloc[row]]
    column_index = next((column_index for column_index, text in enumerate(texts) if text), 0)
    if (
        "" not in texts
        or texts[column_index].casefold().rstrip(":") not in TOTALS + EUROPEAN_TOTALS
    ):
        return False
    above = frame.iloc[:row, column_index].astype(str).str.strip().str.casefold()
    return not (above == texts[column_index].casefold()).any()  # "n" may be a patient's answer
