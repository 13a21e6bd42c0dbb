"""The teacher: a Cox model whose survival curves are the student's soft targets."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.breslow import breslow
from ck4gen.survival.cox import CoxError, CoxFit, fit_cohort, fit_cox
from ck4gen.survival.penalty import cross_validated_penalizer
from ck4gen.survival.teacher_settings import TeacherSettings

PENALIZER = "teacher/penalizer"  # name of the strength in diagnostics


def penalizer_names(causes: Iterable[int]) -> dict[int, str]:
    """By cause, the name of its strength in diagnostics; 1 is the event."""
    return {cause: PENALIZER if cause == 1 else f"{PENALIZER}/{cause}" for cause in causes}


def analysis_penalizer(
    design: pd.DataFrame,
    duration: pd.Series,
    event: pd.Series,
    settings: TeacherSettings,
    model: str = "",
    strata: np.ndarray | None = None,
    entry: np.ndarray | None = None,
) -> float:
    """The ridge of the real analysis: the one that is set, and else one where it is needed.

    With at least as many terms as rows, or fewer events per term than ``events_per_term``, its
    strength is the one of ``strengths`` with the best cross-validated partial likelihood. Where a
    term separates the events it is the least that gives an estimate, our choice: the strength that
    predicts best would also shrink the terms that have one. A warning says so.

    Args:
        design: (n, p) Cox design of the training rows, which count alike whatever their weights.
        duration: (n,) times.
        event: (n,) events.
        settings: Teacher settings.
        model: Which model it is, to begin a warning with.
        strata: (n,) strata of the rows.
        entry: (n,) times after which they are at risk.

    Raises:
        InputError: The design has more terms than a run can take.
    """
    rows, terms = design.shape
    if terms > (most := settings.most_terms(rows)):
        key = "wide_terms" if rows <= settings.wide_rows else "max_terms"
        raise InputError(
            f"the columns make {terms} terms of a Cox model, more than method.teacher.{key} = "
            f"{most} for {rows} rows; keep at most {most} of them, as those with the largest "
            "variance"
        )
    if settings.penalizer or not settings.strengths or not event.any():
        return settings.penalizer
    events = int(event.sum())
    if terms >= rows or events < settings.events_per_term * terms:
        chosen = cross_validated_penalizer(
            design, duration, event, settings.strengths, settings.folds, strata, entry
        )
        reason, how = f"{events} events are too few for {terms} terms", "by cross-validation"
    else:
        strengths = 0.0, *sorted(settings.strengths)
        fit = partial(fit_cox, design, duration, event, strata=strata, entry=entry)
        least = _least(fit, strengths)
        chosen = strengths[-1] if least is None else least
        reason, how = "the Cox model has no finite estimate", "the least that gives one"
    if chosen:
        warnings.warn(
            f"{model}{reason}, so that it is penalised: a ridge of {chosen:g}, {how}; hazard "
            "ratios are those of the penalised model",
            UserWarning,
            stacklevel=2,
        )
    return chosen


def stronger_penalizer(
    cohort: WeightedCohort, penalizer: float, settings: TeacherSettings
) -> float:
    """The ridge, or the least stronger one that the rows need under their weights.

    A term that hardly fails to separate the events may separate them once some patients count
    for less.

    Args:
        cohort: The training rows and their weights.
        penalizer: The ridge of the analysis on the rows as they are.
        settings: Teacher settings; a ridge that the user has set stays, or without ``strengths``.
    """
    if settings.penalizer:
        return penalizer
    stronger = (strength for strength in sorted(settings.strengths) if strength > penalizer)
    chosen = _least(partial(fit_cohort, cohort), (penalizer, *stronger))
    if chosen is None or chosen == penalizer:
        return penalizer
    warnings.warn(
        "under the guard's weights the Cox model has no finite estimate, so that it is "
        f"penalised: a ridge of {chosen:g}, the least that gives one",
        UserWarning,
        stacklevel=2,
    )
    return chosen


def _least(fit: Callable[[float], CoxFit], strengths: Sequence[float]) -> float | None:
    """The first strength with which the model has an estimate; None where none does."""
    for strength in strengths:
        try:
            fit(strength)
        except CoxError:
            continue
        return strength
    return None


class CoxTeacher:
    """Cox proportional hazards with Efron ties and a Breslow baseline (paper, figure 1e).

    Args:
        settings: Teacher settings.
    """

    def __init__(self, settings: TeacherSettings) -> None:
        self.settings = settings

    def fit(self, cohort: WeightedCohort, penalizer: float | None = None) -> CoxTeacher:
        """Fit on the training rows.

        Args:
            cohort: The training rows and their weights.
            penalizer: The ridge, where it is known; None: see :func:`analysis_penalizer`.

        Raises:
            InputError: The Cox model has no finite estimate on this table.
        """
        table = cohort.table
        if penalizer is None:
            penalizer = analysis_penalizer(
                cohort.design,
                table[DURATION],
                table[EVENT],
                self.settings,
                strata=cohort.stratum,
                entry=cohort.entry,
            )
        self.penalizer = penalizer
        try:
            fit = fit_cohort(cohort, self.penalizer)
        except CoxError as error:
            raise InputError(
                f"the Cox teacher cannot be fitted ({error}); drop or merge the columns at "
                f"fault, or set method.teacher.penalizer above {self.penalizer:g}"
            ) from error
        self.coefficients = fit.coefficients
        self.means = cohort.mean
        self.baseline = (  # one curve: the student has no strata
            breslow(cohort, cohort.design, self.coefficients, self.means)
            if cohort.schema.strata
            else fit.cumulative_hazard_at_mean
        )
        return self

    def linear_predictor(self, design: pd.DataFrame) -> np.ndarray:
        """(n,) log hazard ratio against a patient with mean covariates."""
        return ((design - self.means) @ self.coefficients).to_numpy()

    def log_cumulative_hazard(self, times: np.ndarray) -> np.ndarray:
        """(m,) log(-log S(t)) of a patient with mean covariates, at times of observed events."""
        steps = np.searchsorted(self.baseline.index, times, side="right") - 1
        hazard = self.baseline.to_numpy()
        # a mean of times may lie below the first event by the last digit of a float
        return np.log(hazard[np.maximum(steps, np.argmax(hazard > 0))])
