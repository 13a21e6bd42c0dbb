"""The attacker who knows all patients but some, and reads statistics of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import column_gap, column_influence
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS
from ck4gen.survival.cox import CoxError
from ck4gen.survival.cox_data import cox_data

ALIASED = 1e-9  # eigenvalues below this share of the largest one belong to aliased statistics


@dataclass(frozen=True)
class NearerHypothesis:
    """One kind of statistics of the cohort with and without some patients, known to the attacker.

    Attributes:
        absent: (k,) the statistics without them.
        gap: (k,) what they add.
        direction: (k,) that, by the inverse of what patients add to them: the likelihood ratio
            of two Gaussians (Sankararaman et al. 2009).
    """

    absent: np.ndarray
    gap: np.ndarray
    direction: np.ndarray

    @classmethod
    def of(
        cls, patients: pd.DataFrame, left_out: list[int], schema: Schema
    ) -> dict[str, NearerHypothesis]:
        """By kind of statistics, of the cohort with and without the rows ``left_out``.

        Raises:
            CoxError: A Cox model of either has no estimate.
        """
        cohort = WeightedCohort.of(patients, schema)
        influence = {
            HAZARD_RATIOS: cox_data(patients, patients, schema).fit().influence,
            COLUMNS: column_influence(cohort) / len(patients),
        }
        without = patients.drop(index=left_out)
        by_kind = {}
        for kind, read in KINDS_READ.items():
            absent = read(without, patients, schema)
            gap = read(patients, patients, schema) - absent
            spread = influence[kind].T @ influence[kind]
            inverse = np.linalg.pinv(spread, rcond=ALIASED, hermitian=True)
            by_kind[kind] = cls(absent, gap, inverse @ gap)
        return by_kind

    def score(self, statistics: np.ndarray | None) -> float:
        """How much nearer statistics are to those with the patients; 0 where there are none."""
        return self.score_of_difference(statistics, self.absent)

    def score_of_difference(self, first: np.ndarray | None, second: np.ndarray | None) -> float:
        """The same where the second release is known not to have them.

        Half way between both hypotheses it is 0, so that patients can be compared with others.
        """
        if first is None or second is None:
            return 0.0
        return float((first - second - self.gap / 2) @ self.direction)


def hazard_ratios(table: pd.DataFrame, patients: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(p,) log hazard ratios, per SD of the patients.

    Raises:
        CoxError: The table has no Cox model.
    """
    return cox_data(table, patients, schema).fit().coefficients.to_numpy()


def columns(table: pd.DataFrame, patients: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(k,) means of all terms and SDs of the numerics, less those of the patients, in their SDs."""
    return column_gap(*(WeightedCohort.of(one, schema) for one in (table, patients)))


KINDS_READ = {HAZARD_RATIOS: hazard_ratios, COLUMNS: columns}


def mean_statistics(
    tables: Iterable[pd.DataFrame], patients: pd.DataFrame, schema: Schema
) -> Mapping[str, np.ndarray | None]:
    """By kind, the mean over tables of their statistics; None where no table has them.

    The noise of a draw averages out (Homer et al. 2008 of many frequencies, Stadler et al. 2022
    of many tables); what a guard added before the draws is the same in all, and stays.
    """
    by_kind: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS_READ}
    for table in tables:
        for kind, read in KINDS_READ.items():
            with suppress(CoxError):
                by_kind[kind].append(read(table, patients, schema))
    return {kind: np.mean(values, 0) if values else None for kind, values in by_kind.items()}
