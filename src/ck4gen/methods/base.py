"""The contract of every method: fit a cohort, sample a synthetic one."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import pandas as pd

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.config import defaults, without
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import FrameDataModule
from ck4gen.models.training.training import TrainerSettings, Training
from ck4gen.settings import InputError, build


class Synthesizer(ABC):
    """A generator of synthetic cohorts.

    Attributes:
        times_copied: Whether duration and event of a synthetic row are those of a real one; it
            makes survival metrics trivial.
        contains_real: Whether rows of the table are those of real patients, whole.
        n_parameters: Trained parameters.
        steps: Optimiser steps of the last fit.
        diagnostics: Metrics of the fit itself, named as in the report.
    """

    times_copied: bool = False
    contains_real: bool = False
    n_parameters: int = 0
    steps: int = 0

    def __init__(self) -> None:
        self.diagnostics: dict[str, float] = {}

    def fit(
        self,
        data: SurvivalDataModule | pd.DataFrame,
        duration: str = DURATION,
        event: str = EVENT,
        *,
        seed: int = 0,
        training: Training | None = None,
    ) -> Synthesizer:
        """Fit on a cohort.

        Args:
            data: A data module, of which only the training rows are used, or a DataFrame with
                one row a patient.
            duration: Name of the duration column of a DataFrame.
            event: Name of its event column, 1 = event and 0 = censored.
            seed: Seed of training, when ``training`` is not given.
            training: Trainer settings, loggers and checkpoint folder.

        Returns:
            Itself.

        Raises:
            InputError: The cohort cannot be used; the sentence says why.
        """
        if isinstance(data, pd.DataFrame):
            data = FrameDataModule(
                data, duration, event, defaults("data=csv")["data"]["max_levels"]
            )
        if training is None:
            training = Training(build(TrainerSettings, "trainer", defaults()["trainer"]), seed)
        data.setup()
        self.data = data
        self.names = {DURATION: duration, EVENT: event}
        training.seed_all()
        self._fit(data, training)
        return self

    def sample(self, n: int | None = None, seed: int = 0) -> pd.DataFrame:
        """Draw a synthetic cohort in random order.

        Args:
            n: Rows; None for as many as the training cohort has, every source row used once.
            seed: Seed of the draw.

        Returns:
            (n, p + 2) table: covariates, duration, event, under the names given to ``fit``.
        """
        check_rows(n)
        rows = len(self.data.train)
        table = self._sample(rows if n is None else n, self.source(rows, n, seed), seed)
        return table[self.data.schema.table_names].reset_index(drop=True).rename(columns=self.names)

    def source(self, rows: int, n: int | None, seed: int) -> np.ndarray | None:
        """Training row behind each row of ``sample(n, seed)``, of ``rows`` training rows.

        A function of its arguments alone, so that the audit can know it and no file holds it.
        None where a synthetic row has no single source.
        """
        return None

    @property
    def diagnostics_of_fit(self) -> dict[str, float]:
        """Diagnostics without those of the calibration of a table."""
        return {k: v for k, v in self.diagnostics.items() if not k.startswith("calibration/")}

    @property
    def has_noise(self) -> bool:
        """Whether rows are a differentiable function of noise, which :meth:`calibrated` moves."""
        return False

    def calibrated(self, calibration: HazardCalibration | None) -> Synthesizer:
        """A copy whose noise is moved until the real analysis holds; None: left as drawn.

        For methods that have noise.
        """
        raise NotImplementedError

    def uncalibrated(self) -> Synthesizer | None:
        """The same fit, sampled without its calibration; None where it has none."""
        return None

    def shareable(self) -> dict | None:
        """State of a sampler that needs no real row, for a file of its own; None without one."""
        return None

    @abstractmethod
    def _fit(self, data: SurvivalDataModule, training: Training) -> None: ...

    @abstractmethod
    def _sample(self, n: int, source: np.ndarray | None, seed: int) -> pd.DataFrame: ...


def packaged(name: str, **given: object) -> dict:
    """Keys of ``conf/method/<name>.yaml``; those that are not None in ``given`` replace its own."""
    values = without(defaults(f"method={name}")["method"], "display")
    return values | {key: value for key, value in given.items() if value is not None}


def check_rows(n: int | None) -> None:
    """Raise an InputError unless ``n`` is None or a whole number of at least 1."""
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
        raise InputError(f"n_samples is {n!r}; use a whole number of at least 1, or null")


def draw_rows(rows: int, n: int | None, seed: int | list[int]) -> np.ndarray:
    """(n,) source rows: a permutation of all for n = None, else draws with replacement."""
    generator = np.random.default_rng(seed)
    return generator.permutation(rows) if n is None else generator.integers(0, rows, n)
