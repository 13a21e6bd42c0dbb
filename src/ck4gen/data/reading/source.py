"""What a reader hands over: the cells as they were written, and what the file said about them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Source:
    """A table that has been read but not understood.

    Attributes:
        frame: One row per line. A text file gives texts only, "" for an empty cell.
        meanings: What a column measures, where the file says so (SPSS, Stata, SAS).
        notes: How the file was read, for the plan.
        delimiter: What stands between the cells of a text file; empty for other files.
    """

    frame: pd.DataFrame
    meanings: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    delimiter: str = ""
