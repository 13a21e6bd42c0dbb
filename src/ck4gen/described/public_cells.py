"""A table as cells that are cut without a look at it, for methods that count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.public_table import PublicTable
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.described.description import as_table
from ck4gen.described.hazards import quadratic_cuts
from ck4gen.described.marginal import Marginal


@dataclass(frozen=True)
class PublicCells:
    """Covariates, time and event, each as the number of a public cell.

    Attributes:
        public: The public description of the table.
        cells: Cells of a numeric, at most.
        stretches: Cells of the time.
    """

    public: PublicTable
    cells: int
    stretches: int

    @cached_property
    def marginals(self) -> list[Marginal]:
        """The columns that follow from no other one, with all their cells alike."""
        return [Marginal.blank(column, self.cells) for column in self.public.free]

    @cached_property
    def cuts(self) -> np.ndarray:
        """(stretches + 1,) times."""
        return quadratic_cuts(self.public.horizon, self.stretches)

    @property
    def sizes(self) -> list[int]:
        """Cells of each column, one of them for unknown values; then those of time and event."""
        column_sizes = [len(m.shares) + int(m.column.missing) for m in self.marginals]
        return [*column_sizes, self.stretches, 2]

    def coded(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, >= p + 2) rows -> (n, f + 2) their cells, each row by itself."""
        rows = self.public.read(table)
        cells = {}
        for marginal in self.marginals:
            values = rows[marginal.column.name].to_numpy(float)
            unknown = len(marginal.shares) if marginal.column.missing else 0
            cells[marginal.column.name] = np.where(
                np.isnan(values), unknown, marginal.cells(values)
            )
        cells[DURATION] = np.searchsorted(self.cuts[1:-1], rows[DURATION], side="left")
        cells[EVENT] = rows[EVENT].to_numpy()
        return pd.DataFrame(cells).astype(int)

    def table(self, cells: np.ndarray, generator: np.random.Generator) -> pd.DataFrame:
        """(n, f + 2) cells -> (n, p + 2) rows without blanks, spread evenly over their cells.

        An unknown value takes the cell of another row, at random.
        """
        columns = {}
        for marginal, column_cells in zip(self.marginals, cells.T, strict=False):
            cell = _without_unknown(column_cells, len(marginal.shares), generator)
            share = (cell + generator.random(len(cell))) / len(marginal.shares)
            columns[marginal.column.name] = marginal.values(share)
        stretch, event = cells[:, -2], cells[:, -1]
        time = self.cuts[stretch] + generator.random(len(cells)) * np.diff(self.cuts)[stretch]
        codes = self.public.completed(pd.DataFrame(columns))
        return as_table(self.public, codes, time, event.astype(float))


def _without_unknown(cells: np.ndarray, unknown: int, generator: np.random.Generator) -> np.ndarray:
    """(n,) cells, those that are unknown replaced by known ones of other rows."""
    blank = cells >= unknown
    if not blank.any():
        return cells
    others = np.arange(unknown) if blank.all() else cells[~blank]
    return np.where(blank, generator.choice(others, len(cells)), cells)
