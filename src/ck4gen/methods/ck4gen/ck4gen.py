"""CK4Gen (Kuo, Gallego and Jorm 2024), and what goes beyond it by configuration."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, TypeVar

import numpy as np
import pandas as pd

from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.config import built
from ck4gen.constraints import AtLeast, Natural, NonNegative, OneOf, Positive, check_fields
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.numeric_transform import NUMERIC
from ck4gen.guard.settings import GuardSettings
from ck4gen.importing import importing
from ck4gen.methods.arguments import calibrated_arguments
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.ck4gen.latents import Latents
from ck4gen.methods.ck4gen.outcomes import Outcomes
from ck4gen.methods.ck4gen.residuals import NoResiduals, Residuals
from ck4gen.methods.ck4gen.stages import TRAININGS
from ck4gen.methods.draw import Draw
from ck4gen.models.settings import DecoderSettings, EncoderSettings
from ck4gen.models.training import Training, threads
from ck4gen.settings import InputError, build
from ck4gen.survival.teacher_settings import TeacherSettings

if TYPE_CHECKING:
    from ck4gen.calibration.hazard_calibration import HazardCalibration
    from ck4gen.data.weighted_cohort import WeightedCohort

T = TypeVar("T")
S = TypeVar("S", TeacherSettings, EncoderSettings, DecoderSettings)


@dataclass(frozen=True)
class CK4GenSettings:
    """The plain keys of ``conf/method/ck4gen.yaml``; each is described there."""

    numeric: Annotated[str, OneOf(NUMERIC)]
    training: Annotated[str, OneOf(tuple(TRAININGS))]
    noise: NonNegative
    quantile_group: Annotated[float, AtLeast(1)] | None
    few_values: Natural
    heaps: Positive | None
    score_draw: Annotated[int, AtLeast(2)]
    score_knots: Annotated[int, AtLeast(2)]

    def __post_init__(self) -> None:
        check_fields("method", self)


class CK4Gen(Synthesizer):
    """Cox teacher -> DCM encoder (stage 1) -> SynthNet decoder on the frozen latent (stage 2).

    Every key left out takes its value from the packaged configuration of ``variant``, so
    ``CK4Gen()`` is what ``method=ck4gen`` runs, ``CK4Gen("ck4gen_calibrated")`` what
    ``method=ck4gen_calibrated`` runs, and ``CK4Gen(encoder={"components": 5})`` changes one number.

    Args:
        variant: A file of ``conf/method`` whose keys are the defaults.
        teacher: Keys of ``conf/teacher``.
        encoder: Keys of ``conf/encoder``.
        decoder: Keys of ``conf/decoder``.
        latents: Where latents come from, or keys of the variant's own; see ``conf/latents``.
        residuals: What a record holds beside the decoder's output; see ``conf/residuals``.
        outcomes: Where outcomes come from, likewise; see ``conf/outcomes``.
        calibration: Keys of ``conf/calibration``, for a variant that is calibrated.
        guard: Keys of ``conf/guard``, for a variant that is guarded.
        **keys: Keys of ``conf/method/ck4gen.yaml``.

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

    draws_causes = True
    draws_entry = True

    def __init__(
        self,
        variant: str = "ck4gen",
        teacher: Mapping | None = None,
        encoder: Mapping | None = None,
        decoder: Mapping | None = None,
        latents: Latents | Mapping | None = None,
        residuals: Residuals | Mapping | None = None,
        outcomes: Outcomes | Mapping | None = None,
        calibration: Mapping | None = None,
        guard: Mapping | None = None,
        **keys: object,
    ) -> None:
        super().__init__()
        packed = packaged(variant)
        self.teacher_settings = _group(TeacherSettings, "teacher", packed, teacher)
        self.encoder_settings = _group(EncoderSettings, "encoder", packed, encoder)
        self.decoder_settings = _group(DecoderSettings, "decoder", packed, decoder)
        self.latents = _part(Latents, "latents", packed, latents)
        self.residuals = _part(Residuals, "residuals", packed, residuals)
        self.outcomes = _part(Outcomes, "outcomes", packed, outcomes)
        packed_calibration, packed_guard = packed.pop("calibration"), packed.pop("guard")
        plain = {key: value for key, value in packed.items() if key not in ("name", "_target_")}
        self.settings = build(CK4GenSettings, "method", plain | keys)
        if self.outcomes.copied and not self.latents.uses_rows:
            raise InputError(
                "method.latents has no training row whose outcome could be copied; use "
                "outcomes@method.outcomes=generated"
            )
        self.calibration_settings = None
        if packed_calibration or calibration:
            self.calibration_settings = build(
                CalibrationSettings,
                "method.calibration",
                (packed_calibration or {}) | dict(calibration or {}),
            )
            if not self.has_noise:
                raise InputError(
                    "method.calibration moves noise, and there is none; set method.noise above 0 "
                    "or residuals@method.residuals=sampled"
                )
        self.guard_settings = None
        if packed_guard or guard:
            keys_of_guard = (packed_guard or {}) | dict(guard or {})
            self.guard_settings = build(GuardSettings, "method.guard", keys_of_guard)
        self.times_copied = self.outcomes.copied

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        if data.schema.delayed_entry and self.encoder_settings.likelihood_weight:
            raise InputError(
                "method.encoder.likelihood_weight takes no account of delayed entry; set it to 0"
            )
        # SciPy and torch, which take seconds: a wrong key is refused without them
        with importing():
            from ck4gen.methods.ck4gen.fitting import fitted

        done = fitted(self, data, training)
        self.encoder, self.decoder, self.steps = done.encoder, done.decoder, done.steps
        self.sampler, self.diagnostics = done.sampler, done.diagnostics
        self.threads = training.settings.threads
        modules = self.encoder, self.decoder
        self.n_parameters = sum(p.numel() for module in modules for p in module.parameters())
        if self.guard_settings is not None:
            self.know(done.guarded)

    def source(self, draw: Draw) -> np.ndarray | None:
        """Training row that each synthetic row is encoded from; None where there is none."""
        return draw.source_rows() if self.latents.uses_rows else None

    @property
    def has_noise(self) -> bool:
        """Whether latents carry noise, or residuals are sampled."""
        return self.settings.noise > 0 or not isinstance(self.residuals, NoResiduals)

    def calibrated(self, calibration: HazardCalibration | None) -> CK4Gen:
        """Copy of this generator with hazard calibration applied when sampling; None: without."""
        other = copy(self)
        other.arguments = calibrated_arguments(self.arguments, calibration)
        other.diagnostics = self.diagnostics_of_fit
        other.calibration_settings = None if calibration is None else calibration.settings
        other.sampler = replace(self.sampler, calibration=calibration)
        return other

    def uncalibrated(self) -> CK4Gen | None:
        """The same fit, its noise as drawn."""
        return None if self.sampler.calibration is None else self.calibrated(None)

    def shareable(self) -> dict | None:
        """The sampler, where every average, curve and model is of at least ``FEWEST`` patients."""
        from ck4gen.methods.ck4gen.shared_sampler import FEWEST, pack  # torch, as in the fit

        calibration = self.calibration_settings
        patients = [
            self.settings.quantile_group or 0,
            self.latents.fewest_patients(self.sampler.decoder.latent),
            self.outcomes.fewest_patients(),
            *np.unique(self.data.cohort.cause, return_counts=True)[1],
        ]
        if calibration is not None:
            patients += [calibration.min_events, calibration.cut_group]
        if min(patients) < FEWEST:
            return None
        rows, presentation = len(self.data.train), self.data.presentation
        return pack(self.sampler, rows, self.guard_noise, self.threads, presentation)

    def solved_weights(self, patients: WeightedCohort) -> np.ndarray | None:
        """By its conditions and quantile functions."""
        if self.shareable() is None:
            return None
        from ck4gen.methods.ck4gen.solved_weights import solved_weights  # torch, as in the fit

        group = self.settings.quantile_group or 1
        return solved_weights(self.sampler, self.guard_noise, group, patients)

    def _sample(self, draw: Draw) -> pd.DataFrame:
        with threads(self.threads):
            table, diagnostics = self.sampler.sample(draw)
        self.diagnostics |= diagnostics
        return table


def _group(cls: type[S], name: str, packed: dict, overrides: Mapping | None) -> S:
    """Settings of a group: the packaged ones, taken out of ``packed``, with the keys given."""
    return build(cls, f"method.{name}", packed.pop(name) | dict(overrides or {}))


def _part(cls: type[T], name: str, packed: dict, overrides: T | Mapping | None) -> T:
    """A part: the one given, or the packaged one, taken out of ``packed``, with the keys given."""
    node = packed.pop(name)
    part = (
        built(node | dict(overrides or {})) if isinstance(overrides, Mapping | None) else overrides
    )
    if not isinstance(part, cls):
        raise InputError(
            f"method.{name} is of type {type(part).__name__}; it must be a {cls.__name__}"
        )
    return part
