"""The Cox models of a real and a synthetic table, each fitted once for all who ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.cox_pair import CoxPair, fit_pair
from ck4gen.survival.cox import CoxError, CoxFit
from ck4gen.survival.cox_data import CoxData, cox_data


@dataclass(frozen=True)
class CoxComparison:
    """Two tables on the real scale and their multivariable models.

    Attributes:
        real: Training rows.
        synthetic: Synthetic rows.
        schema: Columns of both.
        settings: One leaf of ``conf/evaluation``.
        fallback: Ridge of the generator's own analysis, taken on both sides where the real table
            has no estimate under that of ``settings``.

    Each property raises one of ``metric.FAULTS`` where the tables do not allow it.
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    schema: Schema
    settings: EvaluationSettings
    fallback: float = 0.0

    @cached_property
    def real_data(self) -> CoxData:
        """The real table on its own scale."""
        return cox_data(self.real, self.real, self.schema)

    @cached_property
    def synthetic_data(self) -> CoxData:
        """The synthetic table on the real scale."""
        return cox_data(self.synthetic, self.real, self.schema)

    @cached_property
    def real_fit(self) -> CoxFit:
        """The real analysis."""
        return self._fitted[0]

    @cached_property
    def pair(self) -> CoxPair:
        """Both models."""
        fit, penalizer = self._fitted
        return fit_pair(fit, self.synthetic_data, penalizer, self.settings.ridge)

    @property
    def penalizer(self) -> float:
        """Ridge of the real analysis."""
        return self._fitted[1]

    @cached_property
    def _fitted(self) -> tuple[CoxFit, float]:
        """The real analysis and its ridge."""
        own = self.settings.penalizer
        try:
            return self.real_data.fit(penalizer=own), own
        except CoxError:
            if self.fallback <= own:
                raise
            return self.real_data.fit(penalizer=self.fallback), self.fallback
