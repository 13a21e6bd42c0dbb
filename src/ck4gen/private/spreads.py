"""A second look at numerics: where their values lie and how far they spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from ck4gen.described.marginal import Marginal
from ck4gen.private.mechanism import Mechanism
from ck4gen.private.settings import PrivateSettings

IQR = 1.349  # interquartile range of a normal, in SDs
POINTS = 20  # of a cell, over which its mean is taken
EMPTY = 0.01  # of the noise in a cell: error of the count of an empty one among others


@dataclass(frozen=True)
class Circle:
    """A numeric's range bent around a circle: a patient is a point, of norm 1 whatever the value.

    The mean of the points is the characteristic function at one frequency, with an angle that ends
    at half a turn either way: it turns with the mean of the values, and is shorter the farther they
    spread. A histogram tells both far less exactly, since the noise of each of its far cells counts
    as so many patients there.

    Attributes:
        middle: Value at angle 0, on the column's scale.
        spread: SD of the values, roughly.
        angle: Radians for one such SD.
    """

    middle: float
    spread: float
    angle: float

    @classmethod
    def around(cls, marginal: Marginal, angle: float) -> Circle:
        """The circle around a numeric of which a histogram is known."""
        assert marginal.edges is not None
        return cls(*middle_and_spread(marginal.edges, marginal.shares), angle)

    def points(self, values: np.ndarray) -> np.ndarray:
        """(...,) values on the column's scale -> (..., 2) sine and cosine; 0 where unknown."""
        turned = self.angle * (values - self.middle) / self.spread
        angles = turned.clip(-np.pi, np.pi)
        return np.nan_to_num(np.stack([np.sin(angles), np.cos(angles)], axis=-1))

    def of_cells(self, marginal: Marginal) -> np.ndarray:
        """(k, 2) mean point of the values that a table has for each cell."""
        assert marginal.edges is not None
        parts = (np.arange(POINTS) + 0.5) / POINTS
        evenly = marginal.edges[:-1, None] + np.diff(marginal.edges)[:, None] * parts
        return self.points(marginal.column.scaled(marginal.column.unscaled(evenly))).mean(1)


@dataclass(frozen=True)
class Errors:
    """SDs by which what is released may be off.

    Attributes:
        cell: Noise in the count of a cell.
        patients: Noise in their number.
        points: Noise in the sum of their points.
        uneven: Share of the patients of a cell, as an error of its count beside the noise. Within
            a cell values lie less evenly than a table has them, which noise does not account for.
        sparse: Times the patients of a cell that the noise in their number is at most. Smoothing
            and falling tails have left less of it in far cells, which patients would leave first.
    """

    cell: float
    patients: float
    points: float
    uneven: float
    sparse: float

    def of(self, counts: np.ndarray) -> np.ndarray:
        """(k,) errors of the counts of cells; in an empty one next to nothing."""
        noise = np.minimum(self.cell, self.sparse * counts).clip(EMPTY * self.cell)
        return np.hypot(noise, self.uneven * counts)


def middle_and_spread(edges: np.ndarray, shares: np.ndarray) -> tuple[float, float]:
    """Median, and SD as the quartiles tell it: at least half a cell.

    Args:
        edges: (k + 1,) edges of cells.
        shares: (k,) their shares.
    """
    below = np.r_[0.0, shares.cumsum()] / shares.sum()
    first, middle, last = np.interp((0.25, 0.5, 0.75), below, edges)
    return float(middle), float(max((last - first) / IQR, (edges[1] - edges[0]) / 2))


def stretched(marginal: Marginal) -> bool:
    """Whether cells are stretches of a numeric, and not its values or levels."""
    return marginal.edges is not None and not marginal.single


def with_spreads(
    rows: pd.DataFrame,
    marginals: Sequence[Marginal],
    patients: float,
    noise: tuple[float, float],
    mechanism: Mechanism,
    settings: PrivateSettings,
) -> list[Marginal]:
    """Histograms that agree with the sum of the patients' points, as far as noise tells.

    Args:
        rows: (n, p) numbers and codes, NaN where unknown.
        marginals: One a column, private.
        patients: Their number, private.
        noise: SDs of the noise in a cell, and in the number of patients.
        mechanism: The budget.
        settings: ``spreads``, the share of the budget, ``angle``, ``uneven``, ``sparse``.
    """
    numeric = {m.column.name: m for m in marginals if stretched(m)}
    if not numeric or not settings.spreads:
        return list(marginals)
    circles = {name: Circle.around(m, settings.angle) for name, m in numeric.items()}
    points = [circle.points(_scaled(rows, numeric[name])) for name, circle in circles.items()]
    bound = float(np.sqrt(len(numeric)))
    sums = mechanism.sum(
        "means and spreads of numerics", np.hstack(points), bound, settings.spreads
    ).reshape(-1, 2)
    of_points = mechanism.noise(bound, settings.spreads)
    errors = Errors(*noise, of_points, settings.uneven, settings.sparse)
    found = {
        name: nearest(numeric[name], circle, patients, point, errors)
        for (name, circle), point in zip(circles.items(), sums, strict=True)
    }
    return [found.get(marginal.column.name, marginal) for marginal in marginals]


def nearest(
    first: Marginal, circle: Circle, patients: float, point: np.ndarray, errors: Errors
) -> Marginal:
    """The histogram nearest to a first one, a number of patients and a sum of their points.

    Nearest in squares of each one's errors, and never negative (Lawson and Hanson 1974). No cell
    beyond the first histogram's gets patients.

    Args:
        first: The first histogram.
        circle: Where the points lie.
        patients: Their number, those with an unknown value included.
        point: (2,) the sum of the points.
        errors: Of all of these.
    """
    held = np.flatnonzero(first.shares > 0)
    part = slice(held[0], held[-1] + 1)
    known = patients * (1 - first.unknown)
    counts = first.shares[part] * known
    equations = np.vstack(
        [np.eye(len(counts)), np.ones((1, len(counts))), circle.of_cells(first)[part].T]
    )
    weights = 1 / np.r_[errors.of(counts), errors.patients, [errors.points] * 2]
    values = np.r_[counts, known, point]
    found, _ = nnls(equations * weights[:, None], values * weights, maxiter=50 * len(counts))
    shares = np.zeros(len(first.shares))
    shares[part] = found
    return replace(first, shares=shares / shares.sum()) if found.sum() > 0 else first


def _scaled(rows: pd.DataFrame, marginal: Marginal) -> np.ndarray:
    """(n,) values on the column's scale."""
    column = marginal.column
    return column.scaled(rows[column.name].to_numpy(float).clip(column.low))
