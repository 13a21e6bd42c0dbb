"""Moments of two and three terms together, beyond their linear correlations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import joined, named

# products of two terms (n,) and third terms (n, k) -> estimates and standard errors (k,)
OfProducts = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
TOO_FEW = "fewer than three columns have a term"


def triple_products(table: AnalysedTable) -> pd.DataFrame:
    """Mean product of each three standardised terms of different columns.

    Raises:
        ValueError: Fewer than three columns have a term.
    """
    z, owner = _standardised(table)
    return joined(_products(z, owner, _moments), TOO_FEW)


def triple_shares(table: AnalysedTable) -> pd.DataFrame:
    """Share of patients who have each three 0/1 terms of different columns at once.

    Where the real table has rows enough: the share of a rare combination has no normal error.

    Raises:
        ValueError: No combination has rows enough.
    """
    terms = table.real_data.design
    x = table.data.design[terms.columns[terms.isin([0, 1]).all()]]
    shares = joined(_products(x, _owners(table, x), _shares), TOO_FEW)
    if table.table is not table.real:
        return shares
    common = shares[shares["estimate"] * len(table.real) >= table.evaluation.min_rows - 0.5]
    return joined(
        [common] * (not common.empty),
        f"no three 0/1 terms are shared by {table.evaluation.min_rows} patients",
    )


def rank_correlations(table: AnalysedTable) -> pd.DataFrame:
    """Spearman correlation of each two terms of different columns.

    Standard errors as Bonett and Wright 2000.

    Raises:
        ValueError: Fewer than two columns have a term.
    """
    z, owner = _standardised(table)
    with np.errstate(invalid="ignore"):  # a constant column has no correlation
        rho = np.atleast_2d(np.corrcoef(rankdata(z, axis=0), rowvar=False))
    pairs = [p for p in combinations(range(z.shape[1]), 2) if owner[p[0]] != owner[p[1]]]
    if not pairs:
        raise ValueError("fewer than two columns have a term")
    values = np.array([rho[pair] for pair in pairs])
    errors = (1 - values**2) * np.sqrt((1 + values**2 / 2) / (len(z) - 3))
    return named((f"{z.columns[a]}, {z.columns[b]}" for a, b in pairs), values, errors)


def square_correlations(table: AnalysedTable) -> pd.DataFrame:
    """Correlation of the square of each standardised numeric with every term, itself included.

    Standard errors from the influence of each row on a correlation.

    Raises:
        ValueError: No column is numeric.
    """
    z, _ = _standardised(table)
    names = [name for name in table.numerics if name in z]
    return joined((_with_square(z, name) for name in names), "no column is numeric")


def _with_square(z: pd.DataFrame, name: str) -> pd.DataFrame:
    u, v = _scaled(z[[name]].to_numpy() ** 2), _scaled(z.to_numpy())
    rho = (u * v).mean(axis=0)
    errors = (u * v - rho / 2 * (u**2 + v**2)).std(axis=0) / np.sqrt(len(z))
    return named((f"{name} squared, {term}" for term in z), rho, errors)


def _scaled(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return (values - values.mean(axis=0)) / values.std(axis=0)


def _standardised(table: AnalysedTable) -> tuple[pd.DataFrame, np.ndarray]:
    """(n, q) terms by their real mean and SD, and the place of the column behind each."""
    real = table.real_data.design
    z = (table.data.design - real.mean()) / real.std()
    z = z[z.columns[(real.std() > 0).to_numpy()]]
    return z, _owners(table, z)


def _owners(table: AnalysedTable, terms: pd.DataFrame) -> np.ndarray:
    owner_of = {name: i for i, column in enumerate(table.schema) for name in column.design_names}
    return np.array([owner_of[name] for name in terms], int)


def _products(
    terms: pd.DataFrame, owner: np.ndarray, estimate: OfProducts
) -> Iterator[pd.DataFrame]:
    x, names = terms.to_numpy(), terms.columns.to_numpy()
    for a, b in combinations(range(x.shape[1]), 2):
        third = np.flatnonzero((owner > owner[b]) & (owner[a] < owner[b]))
        if len(third):
            values, errors = estimate(x[:, a] * x[:, b], x[:, third])
            yield named((f"{names[a]}, {names[b]}, {names[c]}" for c in third), values, errors)


def _moments(pair: np.ndarray, third: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = len(pair)
    mean = pair @ third / n
    return mean, np.sqrt((pair**2 @ third**2 / n - mean**2).clip(min=0) / n)


def _shares(pair: np.ndarray, third: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    share = pair @ third / len(pair)
    return share, np.sqrt(share * (1 - share) / len(pair))
