"""The contract of outcomes: where the duration and event of a synthetic row come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.draw import Draw

if TYPE_CHECKING:
    from ck4gen.survival.teacher import CoxTeacher


class FittedOutcomes(ABC):
    """Outcomes of a fitted cohort.

    Attributes:
        noise: SD of the share of rows with an event, or censored, up to a time, relative to that
            of rows drawn independently.
    """

    noise: ClassVar[float] = 0.0

    @abstractmethod
    def draw(self, covariates: pd.DataFrame, draw: Draw) -> pd.DataFrame:
        """(n, 2) duration and event for the rows of ``covariates``; also cause and entry."""

    def reached(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """By curve, (n, k) which patients had its event up to each of its knots; none if copied.

        Args:
            cohort: The training rows.
        """
        return {}

    def influences(self, cohort: WeightedCohort) -> dict[str, np.ndarray]:
        """By model beside the teacher, (n, k) what each patient adds to its coefficients.

        Args:
            cohort: The training rows, with the weights that patients have before any noise.
        """
        return {}

    def longest_times(self, cohort: WeightedCohort) -> np.ndarray:
        """(n, k) what each patient adds to the averages of longest times at which curves end.

        In their standard errors.

        Args:
            cohort: The training rows.
        """
        return np.zeros((len(cohort), 0))

    def to_state(self) -> dict:
        """What a shared sampler holds of it; only for outcomes that keep no row."""
        raise NotImplementedError


class Outcomes(ABC):
    """The settings of one kind of outcomes: a file here, and one in ``conf/outcomes``.

    Attributes:
        copied: Whether outcomes are those of training rows, unchanged.
    """

    copied: ClassVar[bool]

    @abstractmethod
    def fit(self, cohort: WeightedCohort, teachers: Mapping[int, CoxTeacher]) -> FittedOutcomes:
        """Fit on the training rows.

        Args:
            cohort: The training rows and their weights.
            teachers: By cause, its fitted teacher; 1 is the event.
        """

    @abstractmethod
    def fewest_patients(self) -> int:
        """Patients behind any number of the fitted outcomes; 0: single ones."""
