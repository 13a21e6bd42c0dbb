"""Cox models of the real table whose scores are to vanish in the synthetic one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.outcome_conditions import averaged_quantile
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.survival.cox import CoxError, fit_cox

CONDITIONS = (
    "cox", "univariable", "leave_one_out", "strata", "periods", "moments", "outcomes",
    "information", "interactions",
)  # fmt: skip


@dataclass(frozen=True)
class Level:
    """The rows with one level of a binary term; 1 for them and 0 for others, with a gradient.

    Attributes:
        term: Place of the term in the design.
        zero: Its standardised value for level 0.
        step: Standardised difference of its two levels.
        level: 0 or 1.
    """

    term: int
    zero: float
    step: float
    level: int

    def __call__(self, design: Tensor) -> Tensor:
        """(n, p) standardised design -> (n,) weights."""
        value = (design[:, self.term] - self.zero) / self.step
        value = value.detach().round() + (value - value.detach())  # exactly 0 or 1
        return value if self.level else 1 - value


@dataclass(frozen=True)
class CoxCondition:
    """One Cox model of the real table: in the synthetic one its score is to be zero as well.

    Attributes:
        terms: Places of its terms in the design.
        coefficients: (k,) real log hazard ratios, standardised.
        whitening: (k, k) turns the score per row into standard errors of the coefficients.
        pull: (k,) gradient of the ridge penalty per row where every term has SD 1, zero without
            one.
        until: Follow-up is cut at this time.
        after: Only rows followed beyond this time count.
        level: The rows that count; None for all.
    """

    terms: list[int]
    coefficients: Tensor
    whitening: Tensor
    pull: Tensor
    until: float = np.inf
    after: float = -np.inf
    level: Level | None = None

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> CoxCondition:
        """The equation of :meth:`to_state`."""
        level = state["level"]
        return cls(**state | {"level": None if level is None else Level(**level)})


class CoxModels:
    """The models behind each condition.

    Args:
        train: The real rows.
        schema: Their columns.
        design: Their standardised design.
        penalizer: Ridge of the multivariable model.
        min_events: Real events that a stratum or period needs.
        group: Events averaged in the time that parts early from late.
    """

    def __init__(
        self,
        train: pd.DataFrame,
        schema: Schema,
        design: pd.DataFrame,
        penalizer: float,
        min_events: int,
        group: int,
    ) -> None:
        self.train, self.schema, self.design = train, schema, design
        self.penalizer, self.min_events, self.group = penalizer, min_events, group

    def of(self, condition: str) -> list[CoxCondition]:
        """Its equations; a model without a real estimate has nothing to keep and is left out."""
        return list(getattr(self, f"_{condition}")())

    def _equation(
        self, terms: list[str], table: pd.DataFrame, penalizer: float = 0.0, **which: Any
    ) -> Iterator[CoxCondition]:
        """The equation of one model.

        The Newton step V U from the real estimate is, to first order, what the synthetic estimate
        will be off; over the real standard errors it is on the scale of ``hazard/log_hr_z``.
        """
        design = self.design.loc[table.index, terms]
        try:
            fit = fit_cox(design, table[DURATION], table[EVENT], penalizer)
        except CoxError:
            return
        whitening = fit.covariance * len(self.train) / fit.standard_errors.to_numpy()[:, None]
        coefficients = torch.from_numpy(fit.coefficients.to_numpy())
        yield CoxCondition(
            [self.design.columns.get_loc(name) for name in terms],
            coefficients,
            torch.from_numpy(whitening),
            penalizer * coefficients,
            **which,
        )

    def _cox(self) -> Iterator[CoxCondition]:
        """The analysis itself, penalised as the teacher is."""
        return self._equation(list(self.design), self.train, self.penalizer)

    def _univariable(self) -> Iterator[CoxCondition]:
        """Each covariate alone."""
        for column in self.schema:
            yield from self._equation(list(column.design_names), self.train)

    def _leave_one_out(self) -> Iterator[CoxCondition]:
        """All covariates but one."""
        for column in self.schema:
            terms = [name for name in self.design if name not in column.design_names]
            if terms:
                yield from self._equation(terms, self.train)

    def _strata(self) -> Iterator[CoxCondition]:
        """Within each level of each binary that has events enough."""
        for name in self.schema.of_kind("binary"):
            values = self.train[name].to_numpy(float)
            sd = float(values.std(ddof=1))
            zero, step = float(-values.mean() / sd), 1 / sd
            for level in (0, 1):
                part = self.train[values == level]
                terms = [t for t in self.design if self.design.loc[part.index, t].nunique() > 1]
                if part[EVENT].sum() >= self.min_events and terms:
                    at = self.design.columns.get_loc(name)
                    yield from self._equation(terms, part, level=Level(at, zero, step, level))

    def _periods(self) -> Iterator[CoxCondition]:
        """Before and after the median event time, averaged over its neighbours.

        The median itself is the time of one patient.
        """
        terms, duration = list(self.design), self.train[DURATION]
        times = np.sort(duration[self.train[EVENT] == 1])
        cut = averaged_quantile(times, 0.5, self.group)
        early = self.train[EVENT].where(duration <= cut, 0)
        censored = self.train.assign(**{DURATION: duration.clip(upper=cut), EVENT: early})
        late = self.train[duration > cut]
        if early.sum() >= self.min_events:
            yield from self._equation(terms, censored, until=cut)
        if late[EVENT].sum() >= self.min_events:
            yield from self._equation(terms, late, after=cut)
