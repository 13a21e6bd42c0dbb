"""The distribution of a column from its mean and SD, or from its quartiles."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm

from ck4gen.data.public_table import PublicColumn
from ck4gen.described.marginal import Marginal, cell_edges
from ck4gen.described.published.numbers import PublishedColumn

POINTS = 9  # numbers in a cell on which its moments are worked out
QUARTILE = norm.ppf(0.75)


def published_marginal(column: PublishedColumn, cells: int) -> Marginal:
    """The distribution that is nearest to a normal and has the published numbers.

    Normal on the column's scale, cut at low and high, and then tilted as little as possible: the
    least relative entropy (Kullback 1959) under which mean and SD, or the shares between
    quartiles, are as published.

    Args:
        column: Published numbers of a column.
        cells: Cells of a numeric, at most.
    """
    public = column.public
    if public.levels:
        return Marginal(public, column.shares, None)
    edges = cell_edges(public, cells)
    values = _values(public, edges)
    if column.quartiles:
        return Marginal(public, _quartered(public, edges, column.quartiles), edges)
    mean, sd = float(column.mean or 0), float(column.sd or 0)
    return Marginal(public, _tilted(_normal(public, edges, mean, sd), values, mean, sd), edges)


def _values(public: PublicColumn, edges: np.ndarray) -> np.ndarray:
    """(k, points) numbers of each cell, as they are written."""
    parts = (np.arange(POINTS) + 0.5) / POINTS
    within = edges[:-1, None] + np.diff(edges)[:, None] * parts
    if np.isclose(np.diff(edges)[0], public.step) and public.scale == "linear":
        within[:] = (edges[:-1, None] + edges[1:, None]) / 2
    return public.unscaled(within)


def _normal(public: PublicColumn, edges: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """(k,) shares of a normal, or of the log normal of this mean and SD."""
    centre, spread = mean, sd
    if public.scale == "log":
        shifted = float(np.exp(public.scaled(np.array([mean]))[0]))
        spread = float(np.sqrt(np.log1p((sd / shifted) ** 2)))
        centre = float(np.log(shifted)) - spread**2 / 2
    return _cut(norm.cdf(edges, centre, spread))


def _cut(below: np.ndarray) -> np.ndarray:
    shares = np.maximum(np.diff(below), 1e-12)
    return shares / shares.sum()


def _tilted(base: np.ndarray, values: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """(k,) shares nearest to ``base`` with this mean and SD: an exponential tilt, a convex dual."""
    z = (values - mean) / sd
    features = np.stack([z.mean(1), (z**2).mean(1) - 1])

    def dual(tilt: np.ndarray) -> tuple[float, np.ndarray]:
        exponent = np.log(base) + tilt @ features
        top = exponent.max()
        weight = np.exp(exponent - top)
        return top + np.log(weight.sum()), features @ weight / weight.sum()

    tilt = minimize(dual, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-9}).x
    exponent = np.log(base) + tilt @ features
    weight = np.exp(exponent - exponent.max())
    return weight / weight.sum()


def _quartered(public: PublicColumn, edges: np.ndarray, quartiles: tuple[float, ...]) -> np.ndarray:
    """(k,) shares with a quarter of the patients between neighbouring quartiles."""
    lower, median, upper = public.scaled(np.array(quartiles))
    middle = (edges[1:] + edges[:-1]) / 2
    side = np.where(middle < median, median - lower, upper - median)
    spread = np.maximum(side, np.diff(edges)) / QUARTILE
    density = norm.pdf((middle - median) / spread) / spread * np.diff(edges)
    quarter = np.searchsorted((lower, median, upper), middle)
    shares = np.maximum(density, 1e-12)
    for place in np.unique(quarter):
        inside = quarter == place
        shares[inside] *= 0.25 / shares[inside].sum()
    return shares / shares.sum()
