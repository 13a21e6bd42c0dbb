"""The contract of a condition, and the synthetic table that it looks at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.cox_score import RiskSets
from ck4gen.calibration.real_analysis import RealAnalysis
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.models.weighted_moments import weighted_variance

AT_ONCE = 50_000  # rows that are looked at together: more take memory, not less time
BATCH = 64  # errors whose slopes are found together; more take memory, not less time


@dataclass(frozen=True)
class RealCohort:
    """What a condition is made from.

    Attributes:
        cohort: The real rows and their weights.
        analysis: The analysis of them.
        penalizers: By cause, the ridge of its model; 1 is the event.
        min_events: Real events that a stratum, a period or a cell of two 0/1 terms needs.
        group: Patients averaged in a time that parts early from late, or at which outcomes count.
        points: Times at which events, and censored rows, are counted.
    """

    cohort: WeightedCohort
    analysis: RealAnalysis
    penalizers: Mapping[int, float]
    min_events: int
    group: int
    points: int

    @cached_property
    def table(self) -> SyntheticTable:
        """The real rows as the conditions see a synthetic table."""
        return SyntheticTable.of_real(self.analysis, self.cohort)


class SyntheticOutcomes:
    """Outcomes of a synthetic table, which stay as they are while its covariates move.

    Args:
        duration: (n,) times.
        cause: (n,) 0 = censored, 1 = the event, 2, 3, ... = a cause that competes with it.
        stratum: (n,) numbers of the strata, which stay as well; None without strata.
        entry: (n,) times after which a row is at risk; None for always.
    """

    def __init__(
        self,
        duration: np.ndarray,
        cause: np.ndarray,
        stratum: np.ndarray | None = None,
        entry: np.ndarray | None = None,
    ) -> None:
        self.duration, self.cause = duration, cause
        self.stratum, self.entry = stratum, entry
        self.whole = RiskSets(duration, cause == 1, stratum, entry)
        self._windows: dict[tuple[float, float, int], tuple[RiskSets, np.ndarray]] = {}

    def window(self, after: float, until: float, cause: int) -> tuple[RiskSets, np.ndarray]:
        """Risk sets of a cause among rows followed beyond ``after``, cut at ``until``; the rows."""
        if (after, until, cause) not in self._windows:
            inside = self.duration > after
            if self.entry is not None:
                inside &= self.entry < until
            kept = np.flatnonzero(inside)
            time = self.duration[kept]
            happened = (self.cause[kept] == cause) & (time <= until)
            groups = (None if a is None else a[kept] for a in (self.stratum, self.entry))
            sets = RiskSets(np.minimum(time, until), happened, *groups)
            self._windows[after, until, cause] = sets, kept
        return self._windows[after, until, cause]


@dataclass(frozen=True)
class SyntheticTable:
    """A synthetic table at one step of a search.

    Attributes:
        analysis: The real analysis.
        outcomes: Its outcomes.
        design: (n, p) float64 standardised design, with gradient.
        weight: (n,) weights of the rows, 0 for those that do not count.
    """

    analysis: RealAnalysis
    outcomes: SyntheticOutcomes
    design: Tensor
    weight: Tensor

    @classmethod
    def of_real(cls, analysis: RealAnalysis, cohort: WeightedCohort) -> SyntheticTable:
        """The real rows, as the conditions see a synthetic table."""
        return cls(
            analysis,
            SyntheticOutcomes(cohort.duration, cohort.cause, cohort.stratum, cohort.entry),
            torch.from_numpy(analysis.standardise(cohort.design).to_numpy()),
            torch.from_numpy(cohort.weight),
        )

    @cached_property
    def rows(self) -> Tensor:
        """Rows that count."""
        return self.weight.sum()

    @cached_property
    def products(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Score, information, scores of products, and residuals: one pass for all."""
        coefficients = torch.from_numpy(self.analysis.coefficients.to_numpy())
        return self.outcomes.whole.products(self.design, coefficients, self.weight)

    @cached_property
    def variance(self) -> Tensor:
        """(p,) variances of the terms over the rows that count."""
        return weighted_variance(self.design, self.weight)


class Condition(ABC):
    """Estimating equations that a synthetic table is to satisfy, in real standard errors."""

    @abstractmethod
    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) how far the table is off, with gradient."""

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) slopes of each error on the weight of each row of a table without gradient."""
        weight = table.weight.clone().requires_grad_()
        error = self.errors(replace(table, weight=weight))
        parts = [
            torch.autograd.grad(error, weight, each, is_grads_batched=True, retain_graph=True)[0]
            for each in torch.eye(len(error), dtype=error.dtype).split(BATCH)
        ]
        return torch.cat(parts).T

    def patients(self, design: Tensor) -> Tensor:
        """(n,) which rows of a design it is about: those without blanks for complete cases."""
        return torch.full((len(design),), True)

    @abstractmethod
    def to_state(self) -> dict:
        """What a shared sampler holds of it."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: dict) -> Condition:
        """The condition of :meth:`to_state`."""
