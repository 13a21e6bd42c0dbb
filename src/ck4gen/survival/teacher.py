"""The teacher: a Cox model whose survival curves are the student's soft targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.constraints import NonNegative, check_fields
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError, fit_cox


@dataclass(frozen=True)
class TeacherSettings:
    """The keys of ``conf/teacher``; each is described there."""

    penalizer: NonNegative

    def __post_init__(self) -> None:
        check_fields("method.teacher", self)


class CoxTeacher:
    """Cox proportional hazards with Efron ties and a Breslow baseline (paper, figure 1e).

    Args:
        settings: Teacher settings.
    """

    def __init__(self, settings: TeacherSettings) -> None:
        self.settings = settings

    def fit(self, cohort: WeightedCohort) -> CoxTeacher:
        """Fit on the training rows.

        Raises:
            InputError: The Cox model has no finite estimate on this table.
        """
        table = cohort.table
        try:
            fit = fit_cox(
                cohort.design, table[DURATION], table[EVENT], self.settings.penalizer,
                weights=cohort.weight,
            )  # fmt: skip
        except CoxError as error:
            raise InputError(
                f"the Cox teacher cannot be fitted ({error}); drop or merge the columns at "
                f"fault, or set method.teacher.penalizer above {self.settings.penalizer:g}"
            ) from error
        self.coefficients = fit.coefficients
        self.means = cohort.mean
        self.baseline = fit.cumulative_hazard_at_mean
        return self

    def linear_predictor(self, design: pd.DataFrame) -> np.ndarray:
        """(n,) log hazard ratio against a patient with mean covariates."""
        return ((design - self.means) @ self.coefficients).to_numpy()

    def log_cumulative_hazard(self, times: np.ndarray) -> np.ndarray:
        """(m,) log(-log S(t)) of a patient with mean covariates, at times of observed events."""
        steps = np.searchsorted(self.baseline.index, times, side="right") - 1
        return np.log(self.baseline.to_numpy()[steps])
