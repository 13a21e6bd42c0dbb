"""What the deep baselines share: the outcome as a part of the record or as its condition."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.numeric_transform import NUMERIC, fit_numeric
from ck4gen.data.precision import decimals
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.arguments import calibrated_arguments
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.calibration_target import CalibrationTarget
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training, threads
from ck4gen.settings import build, choose

if TYPE_CHECKING:
    import torch

    from ck4gen.calibration.hazard_calibration import HazardCalibration

OUTCOMES = ("generated", "copied")


class NeuralBaseline(Synthesizer):
    """A network that turns noise, and perhaps a condition, into a record.

    ``generated``: log(1 + duration) is one more numeric of the record, and the event one more
    binary or the condition. ``copied``: duration and event of training rows are the condition.

    Args:
        outcomes: ``generated`` or ``copied``; None for the packaged value.
        numeric: Transform of numerics: ``boxcox``, ``quantile``, ``minmax`` or ``normal``.
        network: Keys of ``network`` in the method's configuration.
        teacher: Keys of ``conf/teacher``, of the analysis that is calibrated to.
        calibration: Keys of ``conf/calibration``, may be empty; None for no calibration.
        guard: Keys of ``conf/guard``, of the numbers that are calibrated to.

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

    name: str
    settings_class: type
    has_noise = True
    event_given: bool  # under ``generated``, whether the event is the condition

    def __init__(
        self,
        outcomes: str | None = None,
        numeric: str | None = None,
        network: Mapping | None = None,
        teacher: Mapping | None = None,
        calibration: Mapping | None = None,
        guard: Mapping | None = None,
    ) -> None:
        super().__init__()
        keys = packaged(self.name, outcomes=outcomes, numeric=numeric)
        self.outcomes = choose("method.outcomes", keys["outcomes"], OUTCOMES)
        self.numeric = choose("method.numeric", keys["numeric"], NUMERIC)
        self.settings: Any = build(
            self.settings_class, "method.network", keys["network"] | dict(network or {})
        )
        self.times_copied = self.outcomes == "copied"
        self.target = None
        if calibration is not None:
            packed = f"{self.name}_calibrated"
            self.target = CalibrationTarget.of(packed, teacher, calibration, guard)

    @abstractmethod
    def _module(self, groups: list[list[int]], condition: int, rows: int) -> Any:
        """The network, given the record's columns and the width of the condition."""

    def _optimiser_steps(self) -> int:
        """Optimiser steps of one fit."""
        return self.settings.steps

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        import torch  # seconds: a wrong key is refused without it

        encoded = data.encode(self.numeric)
        duration = data.train[DURATION].to_numpy(float)
        self.time_scale = fit_numeric(self.numeric, np.log1p(duration)[:, None])
        time = self.time_scale.transform(np.log1p(duration)[:, None]).clip(0, 1)
        event = encoded.tensors["event"][:, None]
        self.outcome = torch.cat([torch.from_numpy(time).float(), event], 1)
        condition, record = self._condition(self.outcome), encoded.tensors["record"]
        groups, width = encoded.record_encoder.groups, encoded.record_encoder.width
        if not self.times_copied:
            drawn = self.outcome[:, : 2 - condition.shape[1]]
            record = torch.cat([record, drawn], 1)
            groups += [[width + i, width + i + 1, int(i == 0)] for i in range(drawn.shape[1])]
        self.encoded = encoded.with_tensors(condition=condition, record=record)

        self.module = self._module(groups, condition.shape[1], len(time))
        loader = self.encoded.loader(
            self.settings.batch_size, training.settings.steps_per_epoch, training.seed
        )
        self.steps = training.fit(self.module, loader, self.name, self._optimiser_steps())
        self.threads = training.settings.threads
        self.n_parameters = sum(p.numel() for p in self.module.parameters() if p.requires_grad)
        self.module.requires_grad_(False)
        self.calibration = None
        if self.target is not None:
            self.calibration, guarded = self.target.on(data, training)
            self.know(guarded)

    def calibrated(self, calibration: HazardCalibration | None) -> NeuralBaseline:
        """Copy of this generator with hazard calibration applied when sampling; None: without."""
        moved = copy(self)
        moved.arguments = calibrated_arguments(self.arguments, calibration)
        moved.calibration, moved.diagnostics, moved.capped = calibration, {}, {}
        return moved

    def uncalibrated(self) -> NeuralBaseline | None:
        """The same fit, its noise as drawn."""
        return None if self.calibration is None else self.calibrated(None)

    def _condition(self, outcome: torch.Tensor) -> torch.Tensor:
        """(n, 2) scaled time and event -> the part of them that is the condition."""
        if self.times_copied:
            return outcome
        return outcome[:, 1:] if self.event_given else outcome[:, :0]

    def _sample(self, draw: Draw) -> pd.DataFrame:
        import torch

        from ck4gen.calibration.record_decoder import RecordDecoder

        train, n = self.data.train, draw.n
        generator = torch.Generator().manual_seed(draw.seed)
        if self.times_copied:
            rows = draw.shuffled_rows()
            outcome = self.outcome[rows]
        else:
            rate = torch.full((n, 1), train[EVENT].mean())
            outcome = torch.cat([rate, torch.bernoulli(rate, generator=generator)], 1)
        condition = self._condition(outcome).to(self.module.device)
        records = self.encoded.record_encoder
        with threads(self.threads):
            if self.calibration is None:
                record = self.module.sample(condition, generator).cpu()
            else:
                self.calibration.check_rows(n)
                noise = torch.randn(n, self.module.noise_width, generator=generator)
                record = self._decode(condition, noise)
            if self.times_copied:
                drawn = train[[DURATION, EVENT]].iloc[rows].reset_index(drop=True)
            else:
                new = torch.cat([record[:, records.width :], self._condition(outcome)], 1).numpy()
                event = new[:, 1].round().astype(int)
                drawn = pd.DataFrame({DURATION: self._duration(new[:, :1]), EVENT: event})
            if self.calibration is None:
                return records.inverse(record.numpy()[:, : records.width]).join(drawn)
            table, metrics = self.calibration.move(
                noise,
                lambda noise, rows: self._decode(condition[rows], noise)[:, : records.width],
                RecordDecoder(records, {}),
                drawn,
                draw.seed,
            )
        self.diagnostics |= metrics
        return table

    def _decode(self, condition: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """(n, c) condition and (n, d + q) standard normal noise -> (n, q) record on the CPU."""
        return self.module.decode(condition, noise.to(condition)).cpu()

    def _duration(self, time: np.ndarray) -> np.ndarray:
        """(n, 1) scaled time -> (n,) durations in the training rows' range and precision."""
        real = self.data.train[DURATION].to_numpy()
        values = np.expm1(self.time_scale.inverse_transform(time.astype(float))[:, 0])
        values = np.round(values, decimals(real.astype(float))).clip(real.min(), real.max())
        return values.astype(real.dtype)
