"""Two releases of one cohort, of which the second lacks some patients: what their difference tells.

Differencing is the oldest attack on statistics of a cohort that changes (Denning, Denning and
Schwartz 1979; the reason why Dwork 2006 asks for noise): n times a mean, less n - r times the
mean of the others, is the sum of those r.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.data.weighted_cohort import WeightedCohort


def others(patients: int, removed: list[int], seed: int) -> list[int]:
    """As many patients, drawn from those who were not removed.

    Args:
        patients: Patients of the first release.
        removed: Their rows that the second one lacks.
        seed: Seed of the draw.
    """
    left = np.setdiff1d(np.arange(patients), removed)
    drawn = np.random.default_rng(seed).choice(left, len(removed), replace=False)
    return sorted(int(row) for row in drawn)


def recovered(
    first: pd.Series, second: pd.Series, patients: WeightedCohort, removed: list[int]
) -> dict[str, float]:
    """By term, how far the recovered mean of those removed is from the truth, in SDs of patients.

    Args:
        first: (p,) means of the terms in the first release, of n patients.
        second: The same in the second, of n - r.
        patients: The n patients.
        removed: Rows of the r.
    """
    n, r = len(patients), len(removed)
    removed_means = (n * first - (n - r) * second) / r
    return _in_sds(removed_means, patients, removed)


def guessed(patients: WeightedCohort, removed: list[int]) -> dict[str, float]:
    """The same of who sees no release, and takes the mean of all patients."""
    return _in_sds(patients.mean, patients, removed)


def _in_sds(
    term_means: pd.Series, patients: WeightedCohort, removed: list[int]
) -> dict[str, float]:
    truth = patients.design.iloc[removed].mean()
    gap = (term_means - truth) / patients.sd.where(patients.sd > 0, 1.0)
    return {str(term): float(value) for term, value in gap.items()}


def means(tables: list[pd.DataFrame], schema: Schema) -> pd.Series:
    """(p,) means of the terms over all rows of some tables."""
    return pd.concat([WeightedCohort.of(table, schema).mean for table in tables], axis=1).mean(1)


def root_mean_squares(pairs: list[dict[str, dict[str, float]]]) -> dict[str, float]:
    """Root mean square over pairs of releases, of each term and over all terms.

    Args:
        pairs: Of each pair, by reader and term, the error of a recovered mean.

    Returns:
        By ``reader`` and by ``reader/term``.
    """
    error_by_term = {}
    for reader in pairs[0]:
        squares = (pd.DataFrame([pair[reader] for pair in pairs]) ** 2).mean()
        error_by_term[reader] = float(np.sqrt(squares.mean()))
        error_by_term |= {
            f"{reader}/{term}": float(np.sqrt(value)) for term, value in squares.items()
        }
    return error_by_term
