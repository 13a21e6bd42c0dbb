"""What makes a table unusable: all of it at once, in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ck4gen.settings import InputError

ROWS_NAMED = 3  # rows that a message names
FAULTS_NAMED = 20  # faults that a message lists
WIDTH = 100  # characters of a line


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        column: The column; empty where it is the table as a whole.
        what: What is wrong.
        advice: What to do.
        rows: Where, numbers from 1 below the header; empty where it is the whole column.
        count: Rows in all.
    """

    column: str
    what: str
    advice: str
    rows: tuple[int, ...] = ()
    count: int = 0

    @classmethod
    def at(cls, column: str, mask: np.ndarray, what: str, advice: str) -> Fault:
        """A fault of the rows where ``mask`` holds."""
        rows = np.flatnonzero(mask)
        return cls(column, what, advice, tuple(int(r) + 1 for r in rows[:ROWS_NAMED]), len(rows))

    def __str__(self) -> str:
        where = f"column '{_short(self.column)}'" if self.column else "the table"
        if self.rows:
            shown = ", ".join(map(str, self.rows)) + (", ..." * (self.count > len(self.rows)))
            where += f", row{'s' * (self.count > 1)} {shown} of the data"  # no header
            where += f" ({self.count} in all)" * (self.count > len(self.rows))
        return f"{where}: {self.what}; {self.advice}"


class TableFaults(InputError):
    """A table that cannot be used, with every reason.

    Args:
        faults: At least one.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [str(fault) for fault in self.faults[:FAULTS_NAMED]]
        if len(self.faults) == 1:
            super().__init__(lines[0])
            return
        left = len(self.faults) - len(lines)
        more = [f"and {left} more of this kind"] if left else []
        text = "\n".join(f"  {line}" for line in [*lines, *more])
        super().__init__(f"the table cannot be used, for {len(self.faults)} reasons:\n{text}")


def _short(name: str) -> str:
    return name if len(name) <= WIDTH else name[: WIDTH - 3] + "..."
