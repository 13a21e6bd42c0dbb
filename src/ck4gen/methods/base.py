"""The contract of every method: fit a cohort, sample a synthetic one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from hydra.errors import MissingConfigException

from ck4gen.config import choices, defaults, without
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.data.user_table import FrameDataModule
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS, Release
from ck4gen.guard.secret_weights import new_secret
from ck4gen.methods.arguments import bound_arguments
from ck4gen.methods.draw import Draw, check_rows
from ck4gen.methods.drawn_table import check_drawn
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, build, there_is_no, whole_number

if TYPE_CHECKING:
    from ck4gen.calibration.hazard_calibration import HazardCalibration
    from ck4gen.data.weighted_cohort import WeightedCohort
    from ck4gen.guard.guard import Guarded

CALIBRATED_BY = {HAZARD_RATIOS: "calibration/cox", COLUMNS: "calibration/moments"}


class Synthesizer(ABC):
    """A generator of synthetic cohorts.

    Attributes:
        times_copied: Whether duration and event of a synthetic row are those of a real one; it
            makes survival metrics trivial.
        contains_real: Whether rows of the table are those of real patients, whole.
        draws_causes: Whether rows have a cause where causes compete with the event.
        draws_entry: Whether rows have an entry time where entry is delayed.
        sets_rows: Whether it says itself how long a table is for which no number is asked; else
            it is as long as the training cohort.
        n_parameters: Trained parameters.
        steps: Optimiser steps of the last fit.
        arguments: What it was made with; None for a copy that no arguments make.
        diagnostics: Metrics of the fit itself, named as in the report.
        capped: Weight left to each training row that a guard has capped.
        spent: What the last fit spent of a formal privacy budget, as a ledger notes it; None where
            nothing was.
    """

    arguments: dict[str, object] | None
    times_copied: bool = False
    contains_real: bool = False
    draws_causes: bool = False
    draws_entry: bool = False
    sets_rows: bool = False
    n_parameters: int = 0
    steps: int = 0
    spent: dict | None = None

    @property
    def read_by(self) -> Path | None:
        """File by which alone a user's rows are to be read, each by itself; None: by rule."""
        return None

    def __new__(cls, *args: object, **keys: object) -> Synthesizer:
        """Keep what the method was made with, for ``repr`` and for saving it."""
        method = super().__new__(cls)
        method.arguments = bound_arguments(cls, args, keys)
        return method

    def __init__(self) -> None:
        self.diagnostics: dict[str, float] = {}
        self.capped: dict[int, float] = {}

    def __repr__(self) -> str:
        names = {*signature(type(self).__init__).parameters, "settings"}
        shown = {k: v for k, v in vars(self).items() if k in names or k.endswith("_settings")}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in shown.items())})"

    def fit(
        self,
        data: SurvivalDataModule | pd.DataFrame,
        duration: str = DURATION,
        event: str = EVENT,
        *,
        seed: int = 0,
        secret: bytes | None = None,
        training: Training | None = None,
    ) -> Synthesizer:
        """Fit on a cohort.

        Args:
            data: A data module, of which only the training rows are used, or a DataFrame with
                one row a patient.
            duration: Name of the duration column of a DataFrame.
            event: Name of its event column, 1 = event and 0 = censored.
            seed: Seed of training, when ``training`` is not given.
            secret: What a guard draws its weights from, likewise; None for fresh random bytes,
                so that another fit gives another table.
            training: Trainer settings, loggers and checkpoint folder.

        Returns:
            Itself.

        Raises:
            InputError: The cohort cannot be used; the sentence says why.
        """
        names = {DURATION: duration, EVENT: event}
        if not isinstance(data, SurvivalDataModule):
            data = FrameDataModule(data, duration, event, public=self.read_by)
            # a covariate called event has another name within, and its own in the tables
            names |= {
                ours: theirs for theirs, ours in data.plan.internal.items() if theirs in names
            }
        if training is None:
            settings = build(TrainerSettings, "trainer", defaults()["trainer"])
            training = Training(settings, whole_number("seed", seed, 0), secret or new_secret())
        data.setup()
        if data.schema.causes and not self.draws_causes:
            raise InputError(
                f"{type(self).__name__} draws no causes that compete with the event; use a method "
                "that does, as ck4gen_free, or set data.competing=censor"
            )
        if data.schema.delayed_entry and not self.draws_entry:
            raise InputError(
                f"{type(self).__name__} draws no delayed entry; use a method that does, as "
                "ck4gen_free"
            )
        self.data = data
        self.names = names
        self.training = training
        training.seed_all()
        self._fit(data, training)
        return self

    def sample(self, n: int | None = None, seed: int = 0) -> pd.DataFrame:
        """Draw a synthetic cohort in random order.

        Args:
            n: Rows; None for as many as the training cohort has, every source row used once.
            seed: Seed of the draw.

        Returns:
            (n, p + 2) table: covariates, duration, event, under the names given to ``fit``; then
            cause where causes compete, and entry where it is delayed.

        Raises:
            InputError: The method is not fitted, ``n`` or ``seed`` is wrong, or ``_sample``
                returned what is no table of the cohort.
        """
        if not hasattr(self, "data"):
            raise InputError("the method is not fitted; fit it before sample()")
        draw = Draw(len(self.data.train), check_rows(n), whole_number("seed", seed, 0))
        table = self._sample(draw)
        rows = draw.requested if self.sets_rows else draw.n
        check_drawn(table, self.table_schema, rows, type(self).__name__)
        return (
            table[self.table_schema.table_names].reset_index(drop=True).rename(columns=self.names)
        )

    def source(self, draw: Draw) -> np.ndarray | None:
        """Training row behind each row of a draw; None where a row has no single source.

        A function of its arguments alone, so that the audit can know it and no file holds it.
        """
        return None

    @property
    def table_schema(self) -> Schema:
        """What the columns of its tables are."""
        return self.data.schema

    @property
    def patients(self) -> int:
        """Real rows behind its tables, as their recipient is told."""
        return len(self.data.train)

    @property
    def standard_error_factors(self) -> dict[str, float]:
        """By term of the design, its own factor of standard errors; empty where one is for all."""
        return {}

    @property
    def files(self) -> dict[str, str]:
        """Texts that are shared beside its tables, by file name."""
        return {}

    def know(self, guarded: Guarded) -> None:
        """Keep what the report and the audit have to know of the guard of the numbers kept."""
        self.capped = guarded.capped
        self.diagnostics |= guarded.diagnostics

    @property
    def guard_noise(self) -> float:
        """Noise of the guard, relative to a bootstrap's; 0 without one."""
        return self.diagnostics.get("guard/noise", 0.0)

    @property
    def release(self) -> Release:
        """What is known of the noise in the tables of this method, for their audit.

        A statistic that is calibrated carries the noise of the guard and the error that the
        calibration left; others have no such bound.
        """
        noise = {
            kind: self.guard_noise**2 + self.diagnostics[name] ** 2
            for kind, name in CALIBRATED_BY.items()
            if name in self.diagnostics
        }
        return Release(noise, self.capped)

    @property
    def diagnostics_of_fit(self) -> dict[str, float]:
        """Diagnostics without those of the calibration of a table."""
        return {k: v for k, v in self.diagnostics.items() if not k.startswith("calibration/")}

    @property
    def has_noise(self) -> bool:
        """Whether rows are a differentiable function of noise, which :meth:`calibrated` moves."""
        return False

    def calibrated(self, calibration: HazardCalibration | None) -> Synthesizer:
        """Copy of this generator with hazard calibration applied when sampling.

        For methods that have noise.

        Args:
            calibration: What the tables are calibrated to; None switches calibration off.
        """
        raise NotImplementedError

    def uncalibrated(self) -> Synthesizer | None:
        """The same fit, sampled without its calibration; None where it has none."""
        return None

    def shareable(self) -> dict | None:
        """State of a sampler that needs no real row, for a file of its own; None without one."""
        return None

    def solved_weights(self, patients: WeightedCohort) -> np.ndarray | None:
        """What the numbers of its sampler tell of the weight of each of these patients in the fit.

        An attack, for an audit. None where no sampler of it can be shared.

        Args:
            patients: All who may have been in, each of weight 1.
        """
        return None

    def save(self, path: str | Path) -> None:
        """Write the fitted method to a file for :func:`ck4gen.load_method`.

        The file holds the training rows: it is for the folder to keep, not for sharing.

        Raises:
            InputError: The method is not fitted, is a copy that can't be made from its keys, or
                the file has no folder.
        """
        from ck4gen.methods.saving import save_method  # torch, which not every method needs

        save_method(self, Path(path))

    @abstractmethod
    def _fit(self, data: SurvivalDataModule, training: Training) -> None: ...

    @abstractmethod
    def _sample(self, draw: Draw) -> pd.DataFrame: ...


def packaged(name: str, **overrides: object) -> dict:
    """Keys of ``conf/method/<name>.yaml``; what is not None in ``overrides`` replaces its own.

    Raises:
        InputError: There is no such file.
    """
    try:
        values = without(defaults(script=f"method/{name}")["method"], "display")
    except MissingConfigException as error:
        raise InputError(there_is_no("method", name, choices("method"))) from error
    return values | {key: value for key, value in overrides.items() if value is not None}
