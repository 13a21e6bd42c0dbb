"""The distribution of one column, as shares of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import norm

from ck4gen.data.public_column import PublicColumn

HERMITE = 25  # terms of the series of a score function
NODES = 400  # points of the integrals over it
FEWEST = 1e-4  # share of a cell below which a normal score is not more extreme


def cell_edges(column: PublicColumn, cells: int) -> np.ndarray:
    """(k + 1,) edges on the column's scale: a cell for each value where there are few.

    Args:
        column: A numeric column.
        cells: Most cells.
    """
    values = round((column.high - column.low) / column.step) + 1
    if values <= cells and column.scale == "linear":
        return column.low + column.step * (np.arange(values + 1) - 0.5)
    low, high = column.scaled(np.array([column.low, column.high]))
    return np.linspace(low, high, cells + 1)


@dataclass(frozen=True)
class Marginal:
    """A column's distribution over its cells: a level each, or a stretch of a numeric.

    Attributes:
        column: The public description.
        shares: (k,) shares of the patients by cell, those with an unknown value left out.
        edges: (k + 1,) edges of a numeric's cells, on its scale; None for levels.
        unknown: Share of patients whose value is unknown.
    """

    column: PublicColumn
    shares: np.ndarray
    edges: np.ndarray | None
    unknown: float = 0.0

    @classmethod
    def blank(cls, column: PublicColumn, cells: int) -> Marginal:
        """All cells alike: what is known of a column before a look at it.

        Args:
            column: The public description.
            cells: Most cells of a numeric.
        """
        if column.kind != "numeric":
            return cls(column, np.ones(len(column.levels)), None)
        edges = cell_edges(column, cells)
        return cls(column, np.ones(len(edges) - 1), edges)

    @cached_property
    def below(self) -> np.ndarray:
        """(k + 1,) share of patients below each cell, and 1."""
        return np.r_[0.0, self.shares.cumsum()] / self.shares.sum()

    @property
    def single(self) -> bool:
        """Whether a cell of a numeric is one value."""
        return self.edges is not None and np.isclose(np.diff(self.edges)[0], self.column.step)

    def values(self, uniform: np.ndarray) -> np.ndarray:
        """(n,) shares of patients -> (n,) numbers, or codes of levels, that so many lie below."""
        cell = np.searchsorted(self.below[1:-1], uniform, side="right")
        if self.edges is None:
            return cell.astype(float)
        if self.single:
            middle = (self.edges[1:] + self.edges[:-1]) / 2
            return self.column.unscaled(middle[cell])
        width = np.maximum(self.below[cell + 1] - self.below[cell], 1e-300)
        part = ((uniform - self.below[cell]) / width).clip(0, 1)
        return self.column.unscaled(self.edges[cell] + part * np.diff(self.edges)[cell])

    def cells(self, values: np.ndarray) -> np.ndarray:
        """(n,) numbers or codes -> (n,) their cells; NaN goes to cell 0."""
        filled = np.nan_to_num(values)
        if self.edges is None:
            return filled.astype(int)
        scaled = filled if self.single else self.column.scaled(filled.clip(self.column.low))
        return np.searchsorted(self.edges[1:-1], scaled, side="right")

    def score(self, values: np.ndarray) -> np.ndarray:
        """(n,) numbers or codes -> normal scores of mean 0 and SD 1; 0 where unknown."""
        return np.where(np.isnan(values), 0.0, self.cell_scores[self.cells(values)])

    @cached_property
    def cell_scores(self) -> np.ndarray:
        """(k,) normal score of the middle of each cell, of mean 0 and SD 1 over the patients."""
        middle = (self.below[1:] + self.below[:-1]) / 2
        raw = norm.ppf(middle.clip(FEWEST, 1 - FEWEST))
        share = self.shares / self.shares.sum()
        centred = raw - share @ raw
        return centred / max(np.sqrt(share @ centred**2), 1e-9)

    @cached_property
    def hermite(self) -> np.ndarray:
        """(m,) coefficients of the score as a function of a standard normal, orders 1 to m.

        With them the correlation of two columns' scores is a power series in that of their
        normals (Mehler 1866).
        """
        middles = (np.arange(NODES) + 0.5) / NODES
        normal = norm.ppf(middles)
        scores = self.cell_scores[np.searchsorted(self.below[1:-1], middles, side="right")]
        previous, current, coefficients = np.ones(NODES), normal, []
        for order in range(1, HERMITE + 1):
            coefficients.append(float(scores @ current) / NODES)
            following = (normal * current - np.sqrt(order) * previous) / np.sqrt(order + 1)
            previous, current = current, following
        return np.array(coefficients)

    @cached_property
    def mean(self) -> float:
        """Mean of a numeric's values; what stands for an unknown one."""
        return float(self.values((np.arange(NODES) + 0.5) / NODES).mean())

    def to_state(self) -> dict:
        """Plain numbers."""
        return {"shares": self.shares.tolist(), "unknown": float(self.unknown)}

    @classmethod
    def from_state(cls, state: Mapping, column: PublicColumn) -> Marginal:
        """The marginal of :meth:`to_state`."""
        edges = None
        if column.kind == "numeric":
            edges = cell_edges(column, len(state["shares"]))
        return cls(column, np.array(state["shares"], float), edges, state["unknown"])


def normal_scores(marginals: Sequence[Marginal], table: pd.DataFrame) -> np.ndarray:
    """(n, p) normal scores of the numbers and codes of a table; 0 where unknown."""
    return np.column_stack([m.score(table[m.column.name].to_numpy(float)) for m in marginals])
