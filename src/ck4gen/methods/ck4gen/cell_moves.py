"""What each patient adds to statistics most of which are shares of patients up to some knot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, hstack

from ck4gen.guard.influence import RIDGE, as_correlations
from ck4gen.methods.ck4gen.kept_statistics import KeptStatistics


@dataclass(frozen=True)
class CellMoves:
    """The same in coordinates in which a patient is in one cell between two knots of a column.

    Shares below the knots and shares in the cells between them tell the same, also with noise that
    is as large on all of them as on the share of a random sample. A cell has few patients, so that
    hundreds of knots cost no more than the few cells that a patient is in.

    Attributes:
        others: (n, d) what each patient adds to statistics that are no shares.
        cells: (n, s) sparse, the weight of each patient in her cells.
        shares: (s,) of the patients in each cell, which are taken off.
        weight: (n,) weights of the patients before any noise.
        tolerances: (d + s,) how far a table may be off, in standard errors.
    """

    others: np.ndarray
    cells: csr_array
    shares: np.ndarray
    weight: np.ndarray
    tolerances: np.ndarray

    @classmethod
    def of(cls, kept: Iterable[KeptStatistics], weight: np.ndarray) -> CellMoves:
        """Of all statistics.

        Args:
            kept: The statistics; shares in the order of their knots.
            weight: (n,) weights of the patients before any noise.
        """
        others, cells = [np.empty((len(weight), 0))], [csr_array((len(weight), 0))]
        tolerances: list[list[float]] = [[], []]
        for statistics in kept:
            if statistics.inside is None:
                others.append(statistics.influence)
            else:
                cells.append(csr_array(np.diff(statistics.inside.astype(np.int8), prepend=0)))
            of_kind = tolerances[statistics.inside is not None]
            of_kind += [statistics.tolerance] * statistics.influence.shape[1]
        in_cells = hstack(cells, "csr", dtype=float)
        shares = in_cells.sum(0) / len(weight)
        weighted = in_cells.multiply(weight[:, None]).tocsr()
        return cls(
            np.hstack(others) * weight[:, None],
            weighted,
            shares,
            weight,
            np.array(tolerances[0] + tolerances[1]),
        )

    def spread(self) -> np.ndarray:
        """(d + s, d + s) sum over patients of the products of what they add."""
        by_others = (self.cells.T @ self.others) - np.outer(self.shares, self.weight @ self.others)
        off = np.outer(self.shares, self.cells.T @ self.weight)
        within = (self.cells.T @ self.cells).toarray() - off - off.T
        within += (self.weight @ self.weight) * np.outer(self.shares, self.shares)
        return np.block([[self.others.T @ self.others, by_others.T], [by_others, within]])

    def leverages(self, noise: np.ndarray) -> np.ndarray:
        """(n,) squared distance that each patient moves statistics, in SDs of the noise on them.

        As :func:`ck4gen.guard.influence.leverages` has it.

        Args:
            noise: (d + s, d + s) covariance of n times the statistics.
        """
        scaled, sd = as_correlations(noise)
        identity = np.eye(len(sd))
        inverse = cho_solve(cho_factor(scaled + RIDGE * identity), identity)
        precision = inverse / np.outer(sd, sd)
        columns = np.column_stack([self.others, self.weight])  # which takes the shares off
        within, across, cells = self._with_weight(precision)
        by_columns = columns @ within + 2 * (self.cells @ across)
        of_cells = self.cells.multiply(self.cells @ cells).sum(1)
        return np.einsum("nd,nd->n", columns, by_columns) + of_cells

    def _with_weight(self, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A quadratic form of what is added as one of others, weight and cells: its blocks."""
        others = self.others.shape[1]
        cells = precision[others:, others:]
        across = np.column_stack([precision[others:, :others], -cells @ self.shares])
        by_weight = -self.shares @ across
        within = np.block([[precision[:others, :others], by_weight[:-1, None]], [by_weight]])
        return within, across, cells
