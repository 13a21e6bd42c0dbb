"""Private histograms of all columns, and how the columns go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.isotonic import isotonic_regression

from ck4gen.data.public_table import PublicTable
from ck4gen.described.copula import Copula
from ck4gen.described.marginal import Marginal, normal_scores
from ck4gen.private.mechanism import Mechanism, clipped
from ck4gen.private.settings import PrivateSettings
from ck4gen.private.spreads import middle_and_spread, stretched, with_spreads

STRENGTHS = 10.0 ** np.arange(-3, 6)  # of the smoothing of a histogram


def private_number(rows: pd.DataFrame, share: float, mechanism: Mechanism) -> float:
    """Roughly how many patients there are, by which cells are made fine enough.

    Args:
        rows: (n, p) their rows.
        share: Of the budget.
        mechanism: The budget.
    """
    (number,) = mechanism.sum("number of patients", np.ones((len(rows), 1)), 1.0, share)
    return max(1.0, float(number))


def finest(number: float, noise: float, settings: PrivateSettings) -> int:
    """Cells of a numeric: ``cells``, and more where patients are many beside the noise of a cell.

    As of a histogram without noise their number grows as the cube root (Scott 1979). With 24 cells
    of a wide public range the spread of a column is that of its cells, which a cohort of 50,000
    tells from its own.

    Args:
        number: Patients, roughly.
        noise: SD of the noise in a cell.
        settings: ``cells`` and ``finer``.
    """
    return max(settings.cells, round(settings.finer * (number / noise) ** (1 / 3)))


def private_marginals(
    rows: pd.DataFrame, public: PublicTable, settings: PrivateSettings, mechanism: Mechanism
) -> tuple[list[Marginal], float]:
    """Shares of cells of each column, and the number of patients that they tell.

    A patient is in one cell of each column, so that all histograms together change by the root of
    the number of columns. A second look tells where numerics lie and how far they spread, unless
    each of them has few values: the histograms then have its share of the budget, too.

    Args:
        rows: (n, p) numbers and codes, NaN where unknown.
        public: The public description.
        settings: Cells of a numeric, how far its tails go, and the shares of the budget.
        mechanism: The budget.
    """
    number = private_number(rows, settings.patients, mechanism)
    bound, share = np.sqrt(len(public.free)), settings.columns
    blank = _blank(public, number, mechanism.noise(bound, share), settings)
    if not any(stretched(marginal) for marginal in blank):
        share += settings.spreads  # there is nothing to look at twice
        blank = _blank(public, number, mechanism.noise(bound, share), settings)
    noise = mechanism.noise(bound, share)
    counted = [_membership(marginal, rows[marginal.column.name]) for marginal in blank]
    widths = np.array([part.shape[1] for part in counted])
    noisy = mechanism.sum("histograms of the columns", np.hstack(counted), bound, share)
    parts = np.split(noisy, widths.cumsum()[:-1])
    totals = np.array([part.sum() for part in parts])
    patients = max(1.0, float(np.average(totals, weights=1 / widths)))
    first = [
        _marginal(marginal, part, noise, patients, settings)
        for marginal, part in zip(blank, parts, strict=True)
    ]
    errors = noise, noise / np.sqrt((1 / widths).sum())
    return with_spreads(rows, first, patients, errors, mechanism, settings), patients


def _blank(
    public: PublicTable, number: float, noise: float, settings: PrivateSettings
) -> list[Marginal]:
    """The cells of each column."""
    cells = finest(number, noise, settings)
    return [Marginal.blank(column, cells) for column in public.free]


def private_copula(
    rows: pd.DataFrame,
    marginals: Sequence[Marginal],
    patients: float,
    mechanism: Mechanism,
    settings: PrivateSettings,
    generator: np.random.Generator,
) -> Copula:
    """The dependence of the columns: private sums of products of their normal scores.

    The norm at which a patient's products are cut is what nine in ten of independent columns with
    these marginals have, so that it costs nothing to find. Where columns go together more rows are
    cut, and their correlation would come out too small: the copula is the one whose simulated
    patients, cut the same way, have these sums (indirect inference, as for the hazard ratios).

    Args:
        rows: (n, p) numbers and codes, NaN where unknown.
        marginals: One a column, private.
        patients: Their number, private.
        mechanism: The budget.
        settings: The share of the budget, simulated patients, and steps to the copula.
        generator: Source of the draws for the norm and of the simulated patients.
    """
    p = len(marginals)
    if p == 1:
        return Copula(marginals, np.ones((1, 1)))
    above = np.triu_indices(p, 1)
    guessed = Copula(marginals, np.eye(p)).draw(1000, generator)
    bound = float(np.quantile(np.linalg.norm(_products(guessed, marginals, above), axis=1), 0.9))
    products = _products(rows, marginals, above)
    sums = mechanism.sum("products of scores", products, bound, settings.correlations)
    observed = np.array([1 - marginal.unknown for marginal in marginals])
    both = observed[above[0]] * observed[above[1]]
    targets = sums / patients / np.maximum(both, 1e-2)
    correlations, seed = targets.clip(-1, 1), int(generator.integers(2**32))
    for _ in range(settings.copula_iterations):
        simulated = _of_scores(marginals, correlations, above).draw(
            settings.pool, np.random.default_rng(seed)
        )
        mean = clipped(_products(simulated, marginals, above), bound).mean(0)
        correlations = (correlations + targets - mean / np.maximum(both, 1e-2)).clip(-1, 1)
    return _of_scores(marginals, correlations, above)


def _of_scores(
    marginals: Sequence[Marginal], correlations: np.ndarray, above: tuple[np.ndarray, np.ndarray]
) -> Copula:
    """The copula with these correlations of scores above the diagonal."""
    scores = np.eye(len(marginals))
    scores[above] = correlations
    scores.T[above] = correlations
    return Copula.of_scores(marginals, scores)


def _products(
    rows: pd.DataFrame, marginals: Sequence[Marginal], above: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """(n, k) products of the normal scores of any two columns of each patient."""
    scores = normal_scores(marginals, rows)
    products: np.ndarray = scores[:, above[0]] * scores[:, above[1]]
    return products


def _membership(marginal: Marginal, values: pd.Series) -> np.ndarray:
    """(n, k) 1 for the cell of each patient; the last one is that of unknown values."""
    numbers = values.to_numpy(float)
    unknown = np.isnan(numbers)
    cells = np.where(unknown, len(marginal.shares), marginal.cells(numbers))
    width = len(marginal.shares) + int(marginal.column.missing)
    return (cells[:, None] == np.arange(width)).astype(float)


def _marginal(
    marginal: Marginal,
    counts: np.ndarray,
    noise: float,
    patients: float,
    settings: PrivateSettings,
) -> Marginal:
    """Shares from noisy counts: smoothed where cells are stretches, never negative."""
    unknown = 0.0
    if marginal.column.missing:
        unknown = float((counts[-1] / patients).clip(0, 0.95))
        counts = counts[:-1]
    if marginal.edges is not None:
        body = smoothed(counts, noise)
        if not marginal.single:
            body = falling_tails(body, counts, noise, settings.tail_share, settings.tail_noise)
        counts = body
    shares = on_simplex(counts / max(patients * (1 - unknown), 1.0))
    if marginal.edges is not None:
        shares = np.where(occupied(marginal.edges, shares, settings.tails), shares, 0.0)
        shares = shares / shares.sum()
    return Marginal(marginal.column, shares, marginal.edges, unknown)


def occupied(edges: np.ndarray, shares: np.ndarray, tails: float) -> np.ndarray:
    """(k,) whether a cell is near enough to the others not to be noise in an empty range.

    Public ranges are often far wider than the values. Noise there would become patients of whom
    each moves every moment, more than all that tails of real patients can lose.

    Args:
        edges: (k + 1,) edges of the cells.
        shares: (k,) their shares.
        tails: Distance from the median, in SDs that follow from the quartiles, of the last cells.
    """
    middle, spread = middle_and_spread(edges, shares)
    inside: np.ndarray = (edges[1:] > middle - tails * spread) & (
        edges[:-1] < middle + tails * spread
    )
    return inside


def smoothed(counts: np.ndarray, noise: float) -> np.ndarray:
    """(k,) counts without most of their noise, as smooth as it allows.

    A Whittaker smoother (Eilers 2003) whose strength has the least of Stein's unbiased estimate of
    the risk (1981): a histogram with spikes is left as it is.

    Args:
        counts: Noisy counts of neighbouring cells.
        noise: SD of the noise.
    """
    k = len(counts)
    if k < 4:
        return counts
    bends = np.diff(np.eye(k), 2, axis=0)
    best, least = counts, k * noise**2
    for strength in STRENGTHS:
        smoother = np.linalg.inv(np.eye(k) + strength * bends.T @ bends)
        smooth = smoother @ counts
        risk = ((counts - smooth) ** 2).sum() + 2 * noise**2 * np.trace(smoother) - k * noise**2
        if risk < least:
            best, least = smooth, risk
    return best


def falling_tails(
    body: np.ndarray, counts: np.ndarray, noise: float, share: float, least: float
) -> np.ndarray:
    """(k,) counts whose tails fall outwards, and end where there is only noise.

    Noise in an empty far cell of a numeric on a log scale would be a few patients of whom each
    counts more than hundreds of others. In a tail the counts are the nearest that fall (Barlow et
    al. 1972), and a piece of it where they are level holds nobody if that may be noise.

    Args:
        body: (k,) smoothed counts of neighbouring cells.
        counts: (k,) the noisy ones.
        noise: SD of their noise.
        share: Of the patients, the part at either end that is its tail.
        least: SDs of its noise that a level piece must exceed.
    """
    adjusted = body.copy()
    ends = on_simplex(body / max(body.sum(), 1.0))
    for way in (slice(None), slice(None, None, -1)):
        first = int(np.searchsorted(ends[way].cumsum(), 1 - share)) + 1
        tail = counts[way][first:]
        if len(tail):
            level = isotonic_regression(tail, increasing=False)
            _, piece, cells = np.unique(level, return_inverse=True, return_counts=True)
            real = level >= least * noise / np.sqrt(cells[piece])
            adjusted[way][first:] = np.where(real, level, 0.0)
    return adjusted


def on_simplex(shares: np.ndarray) -> np.ndarray:
    """The nearest shares that are not negative and add up to 1 (Duchi et al. 2008)."""
    falling = np.sort(shares)[::-1]
    excess = (falling.cumsum() - 1) / np.arange(1, len(shares) + 1)
    last = np.flatnonzero(falling > excess)[-1]
    projected: np.ndarray = np.maximum(shares - excess[last], 0)
    return projected
