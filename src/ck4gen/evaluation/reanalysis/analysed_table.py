"""A table as the re-analyses see it: on the scale of the real one, and with its cuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.schema import CAUSE, DURATION, EVENT, Schema
from ck4gen.evaluation.base.reanalysis_settings import ReanalysisSettings
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.survival.cox_data import CoxData, cox_data


@dataclass(frozen=True)
class AnalysedTable:
    """One table to analyse.

    Every cut, knot and time of an analysis comes from the real table, so that both tables are
    asked the same question.

    Attributes:
        table: (m, p + 2) rows to analyse.
        real: (n, p + 2) real rows; the same object where the real table is analysed.
        schema: Columns of both.
        evaluation: One leaf of ``conf/evaluation``.
    """

    table: pd.DataFrame
    real: pd.DataFrame
    schema: Schema
    evaluation: EvaluationSettings

    @property
    def settings(self) -> ReanalysisSettings:
        """The keys of the re-analyses alone."""
        return self.evaluation.reanalysis

    @cached_property
    def data(self) -> CoxData:
        """The table on the real scale."""
        return cox_data(self.table, self.real, self.schema)

    @cached_property
    def real_data(self) -> CoxData:
        """The real table on its own scale."""
        if self.table is self.real:
            return self.data
        return cox_data(self.real, self.real, self.schema)

    @property
    def numerics(self) -> list[str]:
        """Names of the numerics that have a term.

        Raises:
            ValueError: There is none.
        """
        terms = set(self.schema.design_names)
        names = [name for name in self.schema.of_kind("numeric") if name in terms]
        if not names:
            raise ValueError("no column is numeric")
        return names

    @cached_property
    def censored(self) -> pd.Series:
        """(m,) 1 = censored; a patient with another cause is not."""
        if self.schema.causes:
            return (self.table[CAUSE] == 0).astype(int).reset_index(drop=True)
        return 1 - self.data.event

    def event_times(self, quantiles: np.ndarray) -> np.ndarray:
        """Quantiles of the real event times."""
        real = self.real
        return np.quantile(real.loc[real[EVENT] == 1, DURATION].to_numpy(float), quantiles)


def inner_quantiles(number: int) -> np.ndarray:
    """(number,) probabilities that cut a distribution in equal parts: 3 gives the quartiles."""
    return np.arange(1, number + 1) / (number + 1)
