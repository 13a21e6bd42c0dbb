"""Outcomes of real patients, unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.outcomes import FittedOutcomes, Outcomes
from ck4gen.methods.draw import Draw

if TYPE_CHECKING:
    from ck4gen.survival.teacher import CoxTeacher


@dataclass(frozen=True)
class Copied(Outcomes):
    """Duration, event and cause of the row behind each synthetic row, as published."""

    copied: ClassVar[bool] = True

    def fit(self, cohort: WeightedCohort, teachers: Mapping[int, CoxTeacher]) -> CopiedOutcomes:
        """Keep the outcomes of the training rows."""
        return CopiedOutcomes(cohort.table[cohort.schema.outcome_names])

    def fewest_patients(self) -> int:
        """Every outcome is one patient's."""
        return 0


@dataclass(frozen=True)
class CopiedOutcomes(FittedOutcomes):
    """The outcomes of the training rows, (n, 2), or (n, 3) where causes compete."""

    outcomes: pd.DataFrame

    def draw(self, covariates: pd.DataFrame, draw: Draw) -> pd.DataFrame:
        """(n, 2 or 3) outcomes of the training rows behind the synthetic ones."""
        return self.outcomes.iloc[draw.source_rows()].reset_index(drop=True)
