"""The Cox models of a real and a synthetic table, each fitted once for all who ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.data.weighted_cohort import WeightedCohort
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
        competing: By cause that competes with the event, the same of its analysis.

    Each property raises one of ``metric.FAULTS`` where the tables do not allow it.
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    schema: Schema
    settings: EvaluationSettings
    fallback: float = 0.0
    competing: Mapping[int, float] = field(default_factory=dict)

    @cached_property
    def by_cause(self) -> dict[int, CoxComparison]:
        """Both tables for each cause: it is the event, and every other counts as censored."""
        real, synthetic = (WeightedCohort.of(table, self.schema).by_cause for table in self.tables)
        return {1: self} | {
            cause: CoxComparison(
                real[cause].table,
                synthetic[cause].table,
                replace(self.schema, event_meaning=meaning, causes=()),
                self.settings,
                self.competing.get(cause, 0.0),
            )
            for cause, meaning in zip(self.schema.competing, self.schema.causes, strict=True)
        }

    @property
    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The real and the synthetic one."""
        return self.real, self.synthetic

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
        penalizer = self.settings.penalizer
        try:
            return self.real_data.fit(penalizer=penalizer), penalizer
        except CoxError:
            if self.fallback <= penalizer:
                raise
            return self.real_data.fit(penalizer=self.fallback), self.fallback
