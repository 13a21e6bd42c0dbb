"""What a paper prints of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ck4gen.data.public_column import PublicColumn
from ck4gen.data.public_table import PublicTable


@dataclass(frozen=True)
class PublishedColumn:
    """A column as a descriptive table shows it.

    Attributes:
        public: What it can hold.
        shares: (k,) shares of its levels; empty for a numeric.
        mean: Mean of a numeric; None where quartiles are given.
        sd: Its standard deviation.
        quartiles: Lower quartile, median and upper quartile; empty where mean and SD are given.
    """

    public: PublicColumn
    shares: np.ndarray = field(default_factory=lambda: np.empty(0))
    mean: float | None = None
    sd: float | None = None
    quartiles: tuple[float, ...] = ()


@dataclass(frozen=True)
class HazardRatio:
    """One line of a multivariable Cox model.

    Attributes:
        ratio: Hazard ratio of the term, per unit of a numeric.
        interval: Its 95 % interval, with which the table is compared; None where none is known.
    """

    ratio: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class PublishedNumbers:
    """Everything that is known of the cohort.

    Attributes:
        public: What its table can hold.
        columns: Its descriptive table.
        patients: How many there are.
        events: How many have the event.
        hazard_ratios: By term of the design, in its order.
        correlations: (p, p) correlations of the columns, 0 where none is known.
        survival: By time, the Kaplan-Meier estimate; in the order of time.
        at_risk: By time, the number of patients at risk, in the order of time; may be empty.
    """

    public: PublicTable
    columns: tuple[PublishedColumn, ...]
    patients: int
    events: int
    hazard_ratios: Mapping[str, HazardRatio]
    correlations: np.ndarray
    survival: Mapping[float, float]
    at_risk: Mapping[float, int]

    @property
    def coefficients(self) -> np.ndarray:
        """(p,) log hazard ratios of the terms, per unit."""
        return np.log([self.hazard_ratios[name].ratio for name in self.hazard_ratios])
