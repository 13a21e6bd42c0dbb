"""The distribution of a column from its mean and SD, or from its quartiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm

from ck4gen.data.public_column import PublicColumn
from ck4gen.described.marginal import Marginal, cell_edges
from ck4gen.described.published.numbers import PublishedColumn
from ck4gen.settings import InputError

POINTS = 9  # numbers in a cell on which its moments are worked out
FAR = 8.0  # SDs, or distances of the quartiles, from the middle beyond which nobody is drawn
TOLERANCE = 0.05  # of a mean or an SD, in SDs
QUARTILE = norm.ppf(0.75)


def published_marginal(column: PublishedColumn, cells: int) -> Marginal:
    """The distribution that is nearest to a normal and has the published numbers.

    Normal on the column's scale, cut at low and high, and then tilted as little as possible: the
    least relative entropy (Kullback 1959) under which mean and SD, or the shares between
    quartiles, are as published.

    Args:
        column: Published numbers of a column.
        cells: Cells of a numeric, at most.

    Raises:
        InputError: Its mean and SD go with no such distribution.
    """
    public = _narrowed(column)
    if public.levels:
        return Marginal(public, column.shares, None)
    edges = cell_edges(public, cells)
    if column.quartiles:
        return Marginal(public, _quartered(public, edges, column.quartiles), edges)
    mean, sd = float(column.mean or 0), float(column.sd or 0)
    base = _cut(norm.cdf(edges, *_normal(public, mean, sd)))
    values = _values(public, edges)
    shares = _tilted(base, values, mean, sd)
    fitted_mean = shares @ values.mean(1)
    fitted_sd = np.sqrt(shares @ (values**2).mean(1) - fitted_mean**2)
    if max(abs(fitted_mean - mean), abs(fitted_sd - sd)) > TOLERANCE * sd:
        raise InputError(
            f"columns.{public.name}: no spread of its values between low and high was found with "
            f"mean {mean:g} and sd {sd:g}; give scale: log, or median and quartiles"
        )
    return Marginal(public, shares, edges)


def _narrowed(column: PublishedColumn) -> PublicColumn:
    """The column without what is so far out that cells would be wasted on it."""
    public = column.public
    if public.levels:
        return public
    if column.quartiles:
        lower, centre, upper = public.scaled(np.array(column.quartiles))
        spread = upper - lower
    else:
        centre, spread = _normal(public, float(column.mean or 0), float(column.sd or 0))
    low, high = public.unscaled(np.array([centre - FAR * spread, centre + FAR * spread]))
    mean, sd = column.mean or 0.0, column.sd or 0.0
    possible = spread > 0 if column.quartiles else sd**2 < (mean - low) * (high - mean) / 2
    if not possible:
        return public
    if public.scale == "log" and public.low <= 0:
        return replace(public, high=float(high))  # its zero is that of the scale
    return replace(public, low=float(low), high=float(high))


def _values(public: PublicColumn, edges: np.ndarray) -> np.ndarray:
    """(k, points) numbers of each cell, as they are written."""
    parts = (np.arange(POINTS) + 0.5) / POINTS
    within = edges[:-1, None] + np.diff(edges)[:, None] * parts
    if np.isclose(np.diff(edges)[0], public.step) and public.scale == "linear":
        within[:] = (edges[:-1, None] + edges[1:, None]) / 2
    return public.unscaled(within)


def _normal(public: PublicColumn, mean: float, sd: float) -> tuple[float, float]:
    """Mean and SD on the column's scale, of a normal or the log of a log normal."""
    if public.scale == "linear":
        return mean, sd
    shifted = float(np.exp(public.scaled(np.array([mean]))[0]))
    spread = float(np.sqrt(np.log1p((sd / shifted) ** 2)))
    return float(np.log(shifted)) - spread**2 / 2, spread


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

    with np.errstate(all="ignore"):  # a search that runs off ends with a wrong SD, see the caller
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
    for part in np.unique(quarter):
        inside = quarter == part
        shares[inside] *= 0.25 / shares[inside].sum()
    return shares / shares.sum()
