"""Training rows with a weight each: what every fitted number is computed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT, Schema


@dataclass(frozen=True)
class WeightedCohort:
    """A cohort of which a row may count for more or less than one patient.

    Attributes:
        table: (n, p + 2) covariates, duration and event, rows numbered from 0; also cause where
            causes compete, and entry where it is delayed.
        schema: Its covariates.
        weight: (n,) positive weights with sum n; all 1 for a cohort that nothing guards.
    """

    table: pd.DataFrame
    schema: Schema
    weight: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame, schema: Schema) -> WeightedCohort:
        """The cohort as it is, every weight 1."""
        return cls(table, schema, np.ones(len(table)))

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def design(self) -> pd.DataFrame:
        """(n, p) Cox design."""
        return self.schema.design(self.table)

    @property
    def duration(self) -> np.ndarray:
        """(n,) times."""
        return self.table[DURATION].to_numpy(float)

    @property
    def event(self) -> np.ndarray:
        """(n,) 1 = event, 0 = censored."""
        return self.table[EVENT].to_numpy(int)

    @property
    def cause(self) -> np.ndarray:
        """(n,) 0 = censored, 1 = the event, 2, 3, ... = a cause that competes with it."""
        return self.table[CAUSE if self.schema.causes else EVENT].to_numpy(int)

    @cached_property
    def stratum(self) -> np.ndarray | None:
        """(n,) number of the stratum of each row; None without strata."""
        return self.schema.stratum(self.table)

    @property
    def entry(self) -> np.ndarray | None:
        """(n,) times after which a row is at risk; None where all are from 0 on."""
        return self.table[ENTRY].to_numpy(float) if self.schema.delayed_entry else None

    @cached_property
    def by_cause(self) -> Mapping[int, WeightedCohort]:
        """The same rows for each cause: it is the event, and every other one counts as censored."""
        causes = self.cause
        others = {
            code: self.table.assign(**{EVENT: (causes == code).astype(int)})
            for code in self.schema.competing
        }
        return {1: self} | {
            code: self._with_design(WeightedCohort(table, self.schema, self.weight))
            for code, table in others.items()
        }

    @cached_property
    def mean(self) -> pd.Series:
        """(p,) means of the design."""
        return pd.Series(self.weight @ self.design.to_numpy(), self.design.columns) / len(self)

    @cached_property
    def sd(self) -> pd.Series:
        """(p,) SDs of the design, with n - 1 in the denominator."""
        squares = self.weight @ (self.design - self.mean).to_numpy() ** 2
        return pd.Series(np.sqrt(squares / (len(self) - 1)), self.design.columns)

    def weighted(self, weight: np.ndarray) -> WeightedCohort:
        """The same rows with these (n,) weights, scaled to sum n."""
        weight = weight * len(self) / weight.sum()
        return self._with_design(WeightedCohort(self.table, self.schema, weight))

    def _with_design(self, other: WeightedCohort) -> WeightedCohort:
        """Another cohort of the same covariates, whose design is made once for both."""
        vars(other)["design"] = self.design  # where cached_property looks
        return other

    @property
    def unstratified(self) -> WeightedCohort:
        """The same rows, in whose design the columns of strata have terms as well."""
        if not self.schema.strata:
            return self
        return WeightedCohort(self.table, self.schema.unstratified, self.weight)

    def where(self, rows: np.ndarray) -> WeightedCohort:
        """The rows for which ``rows`` is true, or at these places, their weights as they are."""
        table = self.table[rows] if rows.dtype == bool else self.table.iloc[rows]
        return WeightedCohort(table, self.schema, self.weight[rows])
