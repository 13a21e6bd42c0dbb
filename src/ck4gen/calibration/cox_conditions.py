"""Cox models of the real table whose scores are to vanish in the synthetic one.

The evaluation fits such models anew, in code of its own: what judges a table shares none with what
makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.condition import (
    Condition,
    RealCohort,
    SyntheticTable,
)
from ck4gen.calibration.real_analysis import RealAnalysis
from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.models.weighted_moments import weighted_mean, weighted_variance
from ck4gen.survival.cox import CoxError, CoxFit, fit_cohort


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

    @classmethod
    def of(cls, analysis: RealAnalysis, name: str, level: int) -> Level:
        """The rows with this level of the binary term of this name."""
        mean, sd = float(analysis.mean[name]), float(analysis.sd[name])
        return cls(analysis.mean.index.get_loc(name), -mean / sd, 1 / sd, level)

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
            Of very many terms two factors, (k, r) and (r, k), and what the diagonal has beside
            their product, (k,).
        pull: (k,) gradient of the ridge penalty per row where every term has SD 1, zero without
            one.
        until: Follow-up is cut at this time.
        after: Only rows followed beyond this time count.
        levels: Those whose rows count, who have all of them; of all rows where it is empty.
        cause: The event, 1, a cause that competes with it, or 0 for being censored.
        share: Of the real rows, those with the levels, where scores are those per such row: their
            number in the synthetic table is then of no matter. None for scores per row of it.
    """

    terms: list[int]
    coefficients: Tensor
    whitening: Tensor | tuple[Tensor, Tensor, Tensor]
    pull: Tensor
    until: float = np.inf
    after: float = -np.inf
    levels: tuple[Level, ...] = ()
    cause: int = 1
    share: float | None = None

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) errors of the coefficients."""
        risk, kept = table.outcomes.window(self.after, self.until, self.cause)
        design, weight = table.design, table.weight
        if len(kept) < len(design):
            design, weight = design[torch.from_numpy(kept)], weight[torch.from_numpy(kept)]
        weight = self._inside(design) * weight if self.levels else weight
        terms = design[:, self.terms]
        rows = table.rows if self.share is None else weight.sum().clamp_min(1) / self.share
        score = risk.score(terms, self.coefficients, weight) / rows
        if self.pull.any():  # a refit scales terms by the SDs of its own table
            score = score - weighted_variance(terms, weight) * self.pull
        return self._whitened(score)

    def patients(self, design: Tensor) -> Tensor:
        """(n,) which rows have the levels."""
        return self._inside(design) > 0

    def _inside(self, design: Tensor) -> Tensor:
        """(n,) 1 for rows with the levels and 0 for others, with a gradient."""
        weight = design.new_ones(len(design))
        for level in self.levels:
            weight = weight * level(design)
        return weight

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) slopes in closed form of a model of all rows, whatever their level."""
        risk, kept = table.outcomes.window(self.after, self.until, self.cause)
        rows = torch.from_numpy(kept)
        terms, weight = table.design[rows][:, self.terms], table.weight[rows]
        score = risk.score(terms, self.coefficients, weight) / table.rows
        inside = risk.score_residuals(terms, terms, self.coefficients, weight) / table.rows
        if self.pull.any():
            variance = weighted_variance(terms, weight)
            deviation = (terms - weighted_mean(terms, weight)).square() - variance
            inside = inside - deviation / (weight.sum() - 1) * self.pull
        slopes = torch.zeros_like(table.design[:, self.terms]).index_copy(0, rows, inside)
        return self._whitened((slopes - score / table.rows).T).T

    def _whitened(self, score: Tensor) -> Tensor:
        """(k,) or (k, n) scores per row in standard errors of the coefficients."""
        if isinstance(self.whitening, Tensor):
            return self.whitening @ score
        left, right, beside = self.whitening
        return left @ (right @ score) + torch.einsum("k,k...->k...", beside, score)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> CoxModel:
        """The model of :meth:`to_state`."""
        return cls(**state | {"levels": tuple(Level(**level) for level in state["levels"])})


@dataclass(frozen=True)
class CoxConditions(Condition):
    """The scores of some Cox models at their real coefficients."""

    models: list[CoxModel]

    def errors(self, table: SyntheticTable) -> Tensor:
        """(k,) errors of the coefficients of all models."""
        return torch.cat([model.errors(table) for model in self.models])

    def slopes(self, table: SyntheticTable) -> Tensor:
        """(n, k) slopes; see :class:`Condition`."""
        if any(isinstance(model.whitening, Tensor) for model in self.models):
            return super().slopes(table)
        return torch.cat([model.slopes(table) for model in self.models], 1)

    def patients(self, design: Tensor) -> Tensor:
        """(n,) whether a row is in any of the models; see :class:`Condition`."""
        return torch.stack([model.patients(design) for model in self.models]).any(0)

    def to_state(self) -> dict:
        """The models."""
        return {"models": [model.to_state() for model in self.models]}

    @classmethod
    def from_state(cls, state: dict) -> CoxConditions:
        """The conditions of :meth:`to_state`."""
        return cls([CoxModel.from_state(model) for model in state["models"]])


def multivariable(real: RealCohort) -> Iterator[CoxModel]:
    """The analysis itself, penalised as the teacher is."""
    yield from model_of(real, _terms(real), real.cohort, real.analysis.penalizer)


def causes(real: RealCohort) -> Iterator[CoxModel]:
    """The analysis of each cause that competes with the event."""
    for cause, part in real.cohort.by_cause.items():
        if cause != 1:
            yield from model_of(real, _terms(real), part, real.penalizers[cause], cause=cause)


def censored(real: RealCohort) -> Iterator[CoxModel]:
    """The model in which being censored is the event."""
    cohort = real.cohort
    censored = (cohort.cause == 0).astype(int)
    if censored.sum() >= real.min_events:
        part = replace(cohort, table=cohort.table.assign(**{EVENT: censored}))
        yield from model_of(real, _terms(real), part, cause=0)


def univariable(real: RealCohort) -> Iterator[CoxModel]:
    """Each covariate alone."""
    for column in real.analysis.schema:
        if column.design_names:
            yield from model_of(real, list(column.design_names), real.cohort)


def leave_one_out(real: RealCohort) -> Iterator[CoxModel]:
    """All covariates but one."""
    for column in real.analysis.schema:
        terms = [name for name in _terms(real) if name not in column.design_names]
        if column.design_names and terms:
            yield from model_of(real, terms, real.cohort)


def strata(real: RealCohort) -> Iterator[CoxModel]:
    """Within each level of each binary that has events enough."""
    design = real.cohort.design
    for name in real.analysis.schema.of_kind("binary"):
        if name not in design:
            continue  # aliased: its levels are strata of other columns
        values = design[name].to_numpy()
        for level in (0, 1):
            rows = values == level
            terms = [term for term in design if design.loc[rows, term].nunique() > 1]
            if real.cohort.event[rows].sum() >= real.min_events and terms:
                levels = (Level.of(real.analysis, name, level),)
                yield from model_of(real, terms, real.cohort.where(rows), levels=levels)


def periods(real: RealCohort) -> Iterator[CoxModel]:
    """Before and after the median event time, averaged over its neighbours.

    The median itself is the time of one patient.
    """
    cohort, terms = real.cohort, _terms(real)
    duration, event = cohort.duration, cohort.event
    happened = event == 1
    cut = averaged_quantile(duration[happened], cohort.weight[happened], 0.5, real.group)
    early, late = happened & (duration <= cut), duration > cut
    if early.sum() >= real.min_events:
        outcome = {DURATION: duration.clip(max=cut), EVENT: early.astype(int)}
        censored = WeightedCohort(cohort.table.assign(**outcome), cohort.schema, cohort.weight)
        if cohort.entry is not None:
            censored = censored.where(cohort.entry < cut)
        yield from model_of(real, terms, censored, until=cut)
    if event[late].sum() >= real.min_events:
        yield from model_of(real, terms, cohort.where(late), after=cut)


def _terms(real: RealCohort) -> list[str]:
    return real.analysis.schema.design_names


def model_of(
    real: RealCohort, terms: list[str], part: WeightedCohort, penalizer: float = 0.0, **rows: Any
) -> Iterator[CoxModel]:
    """One model; nothing where it has no real estimate, since there is none to keep.

    The Newton step V U from the real estimate is, to first order, what the synthetic estimate
    will be off; over the real standard errors it is on the scale of ``hazard/log_hr_z``.
    """
    design = real.analysis.standardise(part.design)[terms]
    try:
        fit = fit_cohort(part, penalizer, design)
    except CoxError:
        return
    coefficients = torch.from_numpy(fit.coefficients.to_numpy())
    column_indices = {name: column_index for column_index, name in enumerate(_terms(real))}
    yield CoxModel(
        [column_indices[name] for name in terms],
        coefficients,
        _whitening(fit, len(real.cohort)),
        penalizer * coefficients,
        **rows,
    )


def _whitening(fit: CoxFit, rows: int) -> Tensor | tuple[Tensor, Tensor, Tensor]:
    """Covariance of the model over its standard errors, for scores per row."""
    errors = fit.standard_errors.to_numpy()
    if fit.axes is None:
        return torch.from_numpy(fit.covariance * rows / errors[:, None])
    left = fit.less_than_ridge * rows / errors[:, None]
    right = (fit.axes / fit.scale[:, None]).T
    beside = rows / (fit.penalty * fit.scale**2 * errors)
    return torch.from_numpy(left), torch.from_numpy(right.copy()), torch.from_numpy(beside)
