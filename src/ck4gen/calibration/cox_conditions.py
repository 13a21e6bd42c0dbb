"""Cox models of the real table whose scores are to vanish in the synthetic one.

The evaluation fits such models anew, in code of its own: what judges a table shares none with what
makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.averaged_quantile import averaged_quantile
from ck4gen.calibration.condition import (
    Condition,
    RealCohort,
    SyntheticTable,
    weighted_variance,
)
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.survival.cox import CoxError, fit_cox


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
class CoxModel:
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

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) errors of the coefficients."""
        risk, kept = table.outcomes.window(self.after, self.until)
        design, weight = table.design, table.weight
        if len(kept) < len(design):
            design = design[torch.from_numpy(kept)]
            weight = None if weight is None else weight[torch.from_numpy(kept)]
        if self.level is not None:
            level = self.level(design)
            weight = level if weight is None else level * weight
        terms = design[:, self.terms]
        score = risk.score(terms, self.coefficients, weight) / table.rows
        if self.pull.any():  # a refit scales terms by the SDs of its own table
            score = score - weighted_variance(terms, weight) * self.pull
        return self.whitening @ score

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> CoxModel:
        """The model of :meth:`to_state`."""
        level = state["level"]
        return cls(**state | {"level": None if level is None else Level(**level)})


@dataclass(frozen=True)
class CoxConditions(Condition):
    """The scores of some Cox models at their real coefficients."""

    models: list[CoxModel]

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) errors of the coefficients of all models."""
        return torch.cat([model.errors(table) for model in self.models])

    def to_state(self) -> dict:
        """The models."""
        return {"models": [model.to_state() for model in self.models]}

    @classmethod
    def from_state(cls, state: dict) -> CoxConditions:
        """The conditions of :meth:`to_state`."""
        return cls([CoxModel.from_state(model) for model in state["models"]])


def multivariable(real: RealCohort) -> Iterator[CoxModel]:
    """The analysis itself, penalised as the teacher is."""
    yield from _model(real, list(real.design), real.train, real.analysis.penalizer)


def univariable(real: RealCohort) -> Iterator[CoxModel]:
    """Each covariate alone."""
    for column in real.analysis.schema:
        if column.design_names:
            yield from _model(real, list(column.design_names), real.train)


def leave_one_out(real: RealCohort) -> Iterator[CoxModel]:
    """All covariates but one."""
    for column in real.analysis.schema:
        terms = [name for name in real.design if name not in column.design_names]
        if column.design_names and terms:
            yield from _model(real, terms, real.train)


def strata(real: RealCohort) -> Iterator[CoxModel]:
    """Within each level of each binary that has events enough."""
    design = real.design
    for name in real.analysis.schema.of_kind("binary"):
        if name not in design:
            continue  # aliased: its levels are strata of other columns
        values = real.train[name].to_numpy(float)
        sd = float(values.std(ddof=1))
        zero, step = float(-values.mean() / sd), 1 / sd
        for level in (0, 1):
            part = real.train[values == level]
            terms = [term for term in design if design.loc[part.index, term].nunique() > 1]
            if part[EVENT].sum() >= real.min_events and terms:
                place = design.columns.get_loc(name)
                yield from _model(real, terms, part, level=Level(place, zero, step, level))


def periods(real: RealCohort) -> Iterator[CoxModel]:
    """Before and after the median event time, averaged over its neighbours.

    The median itself is the time of one patient.
    """
    terms, train = list(real.design), real.train
    duration = train[DURATION]
    times = np.sort(duration[train[EVENT] == 1])
    cut = averaged_quantile(times, 0.5, real.group)
    early = train[EVENT].where(duration <= cut, 0)
    censored = train.assign(**{DURATION: duration.clip(upper=cut), EVENT: early})
    late = train[duration > cut]
    if early.sum() >= real.min_events:
        yield from _model(real, terms, censored, until=cut)
    if late[EVENT].sum() >= real.min_events:
        yield from _model(real, terms, late, after=cut)


def _model(
    real: RealCohort, terms: list[str], table: pd.DataFrame, penalizer: float = 0.0, **rows: Any
) -> Iterator[CoxModel]:
    """One model; nothing where it has no real estimate, since there is none to keep.

    The Newton step V U from the real estimate is, to first order, what the synthetic estimate
    will be off; over the real standard errors it is on the scale of ``hazard/log_hr_z``.
    """
    design = real.design.loc[table.index, terms]
    try:
        fit = fit_cox(design, table[DURATION], table[EVENT], penalizer)
    except CoxError:
        return
    whitening = fit.covariance * len(real.train) / fit.standard_errors.to_numpy()[:, None]
    coefficients = torch.from_numpy(fit.coefficients.to_numpy())
    yield CoxModel(
        [real.design.columns.get_loc(name) for name in terms],
        coefficients,
        torch.from_numpy(whitening),
        penalizer * coefficients,
        **rows,
    )
