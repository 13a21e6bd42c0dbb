"""Columns that depend on each other as normals do: a Gaussian copula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from ck4gen.described.marginal import Marginal, normal_scores

MOST = 0.995  # correlation of two normals, at most
HALVINGS = 40  # of an interval in which a correlation lies
LEAST = 1e-3  # smallest eigenvalue of a correlation matrix


@dataclass(frozen=True)
class Copula:
    """Joint distribution of all columns.

    Attributes:
        marginals: One a column.
        correlation: (p, p) correlations of the normals behind them.
    """

    marginals: Sequence[Marginal]
    correlation: np.ndarray

    @classmethod
    def of_scores(cls, marginals: Sequence[Marginal], scores: np.ndarray) -> Copula:
        """The copula under which normal scores have these correlations.

        Args:
            marginals: One a column.
            scores: (p, p) correlations of the scores of the values.
        """
        hermite = np.stack([marginal.hermite for marginal in marginals])
        powers = np.arange(1, hermite.shape[1] + 1)
        series = hermite[:, None] * hermite[None]  # (p, p, m)
        low, high = np.full(scores.shape, -MOST), np.full(scores.shape, MOST)
        for _ in range(HALVINGS):  # the series rises with the correlation
            middle = (low + high) / 2
            less = (series * middle[..., None] ** powers).sum(-1) < scores
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        return cls(marginals, nearest_correlation((low + high) / 2))

    def draw(self, n: int, generator: np.random.Generator) -> pd.DataFrame:
        """(n, p) numbers, and codes of levels; NaN where a value is unknown."""
        factor = np.linalg.cholesky(self.correlation)
        uniform = norm.cdf(generator.standard_normal((n, len(factor))) @ factor.T)
        columns = {}
        for marginal, share in zip(self.marginals, uniform.T, strict=True):
            values = marginal.values(share)
            if marginal.unknown:
                values = np.where(generator.random(n) < marginal.unknown, np.nan, values)
            columns[marginal.column.name] = values
        return pd.DataFrame(columns)

    def filled(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows without unknown values: each filled by what the others of its row tell.

        The most likely normal score given the known ones, and the value that it stands for.

        Args:
            table: (n, p) numbers and codes, NaN where unknown.
        """
        blank = table.isna().to_numpy()
        if not blank.any():
            return table
        scores = normal_scores(self.marginals, table)
        filled = table.copy()
        for pattern in np.unique(blank[blank.any(1)], axis=0):
            rows = (blank == pattern).all(1)
            observed_correlation = self.correlation[np.ix_(~pattern, ~pattern)]
            weights = np.linalg.solve(
                observed_correlation, self.correlation[np.ix_(~pattern, pattern)]
            )
            likely = norm.cdf(scores[np.ix_(rows, ~pattern)] @ weights)
            for marginal, share in zip(np.array(self.marginals)[pattern], likely.T, strict=True):
                filled.loc[rows, marginal.column.name] = marginal.values(share)
        return filled


def nearest_correlation(matrix: np.ndarray) -> np.ndarray:
    """A correlation matrix near a symmetric one: negative directions cut, diagonal 1 again."""
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    cut = (vectors * values.clip(LEAST)) @ vectors.T
    scale = np.sqrt(np.diag(cut))
    correlation: np.ndarray = cut / np.outer(scale, scale)
    return correlation
