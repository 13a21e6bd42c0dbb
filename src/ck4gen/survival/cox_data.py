"""A table as its Cox model sees it: design on the real scale, duration and event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Schema
from ck4gen.survival.cox import CoxFit, fit_on
from ck4gen.survival.risk_sets import RiskSets


@dataclass(frozen=True)
class CoxData:
    """A table as its Cox model sees it, numerics standardised by the real mean and SD.

    Attributes:
        design: (n, p) terms.
        duration: (n,) times.
        event: (n,) 1 = event, 0 = censored.
        stratum: (n,) strata, each with a baseline hazard of its own; None for one.
        entry: (n,) times after which a row is at risk; None for always.
    """

    design: pd.DataFrame
    duration: pd.Series
    event: pd.Series
    stratum: pd.Series | None = None
    entry: pd.Series | None = None

    def __post_init__(self) -> None:
        outcome = {DURATION: self.duration, EVENT: self.event}
        outcome |= {} if self.entry is None else {ENTRY: self.entry}
        columns = (self.design, *outcome.values())
        if any(column.isna().to_numpy().any() for column in columns):
            whole = self.design.assign(**outcome)
            missing = whole.columns[whole.isna().any()]
            raise ValueError(f"missing values in {', '.join(missing)}")

    @cached_property
    def risk_sets(self) -> RiskSets:
        """Who is at risk when, sorted once for all models of these rows."""
        return self.risk_sets_with("efron")

    def risk_sets_with(self, ties: str) -> RiskSets:
        """The same with ties as :class:`RiskSets` takes them."""
        strata, entry = (None if s is None else s.to_numpy() for s in (self.stratum, self.entry))
        outcome = self.duration.to_numpy(), self.event.to_numpy()
        return RiskSets(*outcome, strata=strata, entry=entry, ties=ties)

    def fit(
        self,
        columns: list[str] | None = None,
        penalizer: float = 0.0,
        start: pd.Series | None = None,
    ) -> CoxFit:
        """Cox fit on some or all terms, see :func:`fit_cox`."""
        design = self.design if columns is None else self.design[columns]
        return fit_on(self.risk_sets, design, penalizer, start)

    def where(self, rows: pd.Series | np.ndarray | slice) -> CoxData:
        """The rows for which ``rows`` is true."""
        stratum, entry = (None if s is None else s[rows] for s in (self.stratum, self.entry))
        return CoxData(self.design[rows], self.duration[rows], self.event[rows], stratum, entry)

    def with_design(self, design: pd.DataFrame) -> CoxData:
        """Other terms of the same rows; the risk sets are shared."""
        other = replace(self, design=design)
        vars(other)["risk_sets"] = self.risk_sets  # where cached_property looks
        return other


def cox_data(table: pd.DataFrame, real: pd.DataFrame, schema: Schema) -> CoxData:
    """A table on the real scale: log hazard ratios are per real SD of a numeric.

    Raises:
        ValueError: The table has missing values, or text in a numeric column.
    """
    terms = {*schema.design_names}
    numerics = [name for name in schema.of_kind("numeric") if name in terms]
    scale = real[numerics].astype(float)
    table = table.reset_index(drop=True)
    design = schema.design(table)
    design[numerics] = (design[numerics] - scale.mean()) / scale.std()
    stratum = schema.stratum(table)
    return CoxData(
        design,
        table[DURATION],
        table[EVENT],
        None if stratum is None else pd.Series(stratum),
        table[ENTRY] if schema.delayed_entry else None,
    )


def cox_data_pair(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema
) -> tuple[CoxData, CoxData]:
    """Both tables on the real scale."""
    return cox_data(real, real, schema), cox_data(synthetic, real, schema)
