"""A cohort as a few numbers: what its columns are like, how they go together, and its hazards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.public_table import PublicTable
from ck4gen.data.public_table_file import public_table
from ck4gen.data.record_encoder import written
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.described.copula import Copula
from ck4gen.described.hazards import Hazards
from ck4gen.described.marginal import Marginal

ARRAYS = ("coefficients", "cuts", "events", "censored", "factors")


@dataclass(frozen=True)
class Terms:
    """Terms of a hazard, of mean 0 and SD 1: dummies, and numerics on their public scale.

    Attributes:
        public: The public description of the table.
        centre: (p,) what is subtracted from each.
        spread: (p,) what it is divided by.
    """

    public: PublicTable
    centre: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, public: PublicTable, table: pd.DataFrame) -> Terms:
        """Terms of mean 0 and SD 1 over the rows of a table, which has no unknown value."""
        terms = _terms(public, table)
        spread = terms.std(0)  # a level that no row has would be a billion SDs away
        return cls(public, terms.mean(0), np.where(spread > 1e-9, spread, 1.0))

    def __call__(self, table: pd.DataFrame) -> np.ndarray:
        """(n, p) terms of rows without an unknown value."""
        return (_terms(self.public, table) - self.centre) / self.spread


def _terms(public: PublicTable, table: pd.DataFrame) -> np.ndarray:
    parts = []
    for column in public:
        values = table[column.name].to_numpy(float)
        if column.kind == "numeric":
            parts.append(column.scaled(values))
        else:
            parts += [(values == code).astype(float) for code in range(1, len(column.levels))]
    return np.column_stack(parts)


@dataclass(frozen=True)
class CohortDescription:
    """Everything that is known of a cohort of which no row is at hand.

    Attributes:
        public: The public description of its table.
        patients: How many there are.
        copula: Joint distribution of the covariates.
        terms: Terms of the hazard.
        coefficients: (p,) log hazard ratios of the terms.
        cuts: (k + 1,) times between which outcomes are counted.
        events: (k,) share of the patients with the event between two times.
        censored: (k,) share that is censored there.
        factors: (p,) by how much the standard error of each log hazard ratio exceeds that of the
            cohort itself, for what its release has added; 1 where nothing was.
    """

    public: PublicTable
    patients: int
    copula: Copula
    terms: Terms
    coefficients: np.ndarray
    cuts: np.ndarray
    events: np.ndarray
    censored: np.ndarray
    factors: np.ndarray

    def rows(self, n: int, generator: np.random.Generator) -> pd.DataFrame:
        """(n, p + 2) patients as the description has them, written as a table without blanks."""
        codes = self.public.completed(self.copula.filled(self.copula.draw(n, generator)))
        x = self.terms(codes)
        hazards = Hazards.of_counts(x, self.coefficients, self.cuts, self.events, self.censored)
        time, event = hazards.draw(x, self.coefficients, 1 - generator.random((n, 2)))
        return as_table(self.public, codes, time, event)

    def to_state(self) -> dict:
        """Plain numbers, for a JSON file."""
        return {
            "public": self.public.to_state(),
            "patients": self.patients,
            "marginals": [marginal.to_state() for marginal in self.copula.marginals],
            "correlation": self.copula.correlation.tolist(),
            "centre": self.terms.centre.tolist(),
            "spread": self.terms.spread.tolist(),
            **{name: getattr(self, name).tolist() for name in ARRAYS},
        }

    @classmethod
    def from_state(cls, state: Mapping) -> CohortDescription:
        """The description of :meth:`to_state`."""
        public = public_table(state["public"], "the description")
        marginals: Sequence[Marginal] = [
            Marginal.from_state(each, column)
            for each, column in zip(state["marginals"], public.free, strict=True)
        ]
        centre, spread = (np.array(state[name], float) for name in ("centre", "spread"))
        return cls(
            public,
            state["patients"],
            Copula(marginals, np.array(state["correlation"], float)),
            Terms(public, centre, spread),
            **{name: np.array(state[name], float) for name in ARRAYS},
        )


def as_table(
    public: PublicTable, codes: pd.DataFrame, time: np.ndarray, event: np.ndarray
) -> pd.DataFrame:
    """Numbers and codes as they stand in a table, and the outcome on its grid."""
    table = {c.name: written(c.column(), codes[c.name].to_numpy(float)) for c in public}
    duration = np.round(time, public.decimals).clip(10.0**-public.decimals)
    table[DURATION] = duration.astype(int) if public.decimals == 0 else duration
    table[EVENT] = event.astype(int)
    return pd.DataFrame(table)
