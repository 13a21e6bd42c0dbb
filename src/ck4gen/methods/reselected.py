"""Any generator, calibrated by the choice among more of its rows than are wanted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ck4gen.calibration.settings import RowSelectionSettings
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.calibration_target import CalibrationTarget
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training, threads
from ck4gen.settings import InputError, build


class Reselected(Synthesizer):
    """Draws a pool from a generator and takes the rows for which the real analysis holds.

    A row is taken as the generator made it, and at most once; two rows are equal only where the
    generator made two. Its source is not followed.

    Args:
        generator: Any method.
        teacher: Keys of ``conf/teacher``, of the analysis that is calibrated to.
        calibration: Keys of ``conf/calibration``.
        reselection: Keys of ``reselection`` in ``conf/method/reselected.yaml``.
        guard: Keys of ``conf/guard``, of the numbers that are calibrated to.

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

    def __init__(
        self,
        generator: Synthesizer,
        teacher: Mapping | None = None,
        calibration: Mapping | None = None,
        reselection: Mapping | None = None,
        guard: Mapping | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(generator, Synthesizer):
            kind = type(generator).__name__
            raise InputError(f"generator is of type {kind}; it must be a Synthesizer")
        self.generator = generator
        self.target = CalibrationTarget.of("reselected", teacher, calibration, guard)
        keys = packaged("reselected")["reselection"] | dict(reselection or {})
        self.settings = build(RowSelectionSettings, "method.reselection", keys)
        self.times_copied = generator.times_copied
        self.contains_real = generator.contains_real

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        self.generator.fit(data, training=training)
        self.adopt()

    def adopt(self) -> None:
        """Take over the generator, which is fitted, and calibrate to its training rows."""
        generator = self.generator
        self.data, self.names = generator.data, generator.names
        self.training = generator.training
        self.n_parameters, self.steps = generator.n_parameters, generator.steps
        self.diagnostics = dict(generator.diagnostics)
        self.threads = self.training.settings.threads
        self.calibration, guarded = self.target.on(self.data, self.training)
        self.know(guarded)

    def uncalibrated(self) -> Synthesizer:
        """The generator whose rows are chosen."""
        return self.generator

    def _sample(self, draw: Draw) -> pd.DataFrame:
        self.calibration.check_rows(draw.n)
        internal_names = {theirs: ours for ours, theirs in self.generator.names.items()}
        pool = self.generator.sample(self.settings.pool * draw.n, draw.seed).rename(
            columns=internal_names
        )
        with threads(self.threads):
            table, metrics = self.calibration.choose(pool, draw.n, self.settings, draw.seed)
        self.diagnostics |= metrics
        return table
