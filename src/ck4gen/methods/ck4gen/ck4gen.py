"""CK4Gen (Kuo, Gallego and Jorm 2024), and what goes beyond it by configuration."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import Annotated, TypeVar

import numpy as np
import pandas as pd
import torch
from sksurv.metrics import concordance_index_censored
from torchmetrics.functional import spearman_corrcoef

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.config import built
from ck4gen.constraints import AtLeast, NonNegative, OneOf, check_fields
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.encoded_cohort import EncodedCohort
from ck4gen.data.quantile_map import QuantileMap
from ck4gen.data.record_encoder import NUMERIC
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.ck4gen.latents import Latents
from ck4gen.methods.ck4gen.outcomes import Outcomes
from ck4gen.methods.ck4gen.residuals import NoResiduals, Residuals
from ck4gen.methods.ck4gen.sampler import Sampler
from ck4gen.methods.ck4gen.shared_sampler import FEWEST, pack
from ck4gen.methods.ck4gen.stages import TRAININGS, Stages, latent_of
from ck4gen.methods.draw import Draw
from ck4gen.methods.saving import calibrated_arguments
from ck4gen.models.decoder_module import DecoderSettings
from ck4gen.models.encoder_module import EncoderSettings, Targets
from ck4gen.models.training import Training, threads
from ck4gen.settings import InputError, build
from ck4gen.survival.teacher import PENALIZER, CoxTeacher, TeacherSettings

T = TypeVar("T")
S = TypeVar("S", TeacherSettings, EncoderSettings, DecoderSettings)


@dataclass(frozen=True)
class CK4GenSettings:
    """The plain keys of ``conf/method/ck4gen.yaml``; each is described there."""

    numeric: Annotated[str, OneOf(NUMERIC)]
    training: Annotated[str, OneOf(tuple(TRAININGS))]
    noise: NonNegative
    quantile_group: Annotated[float, AtLeast(1)] | None

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
        **keys: Keys of ``conf/method/ck4gen.yaml``.

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

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
        packed_calibration = packed.pop("calibration")
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
        self.times_copied = self.outcomes.copied

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        teacher = CoxTeacher(self.teacher_settings).fit(data.train, data.schema)
        encoded = data.encode(self.settings.numeric)
        x = encoded.tensors["x"]
        encoder = {
            "settings": asdict(self.encoder_settings),
            "targets": asdict(self._targets(data, teacher, encoded)),
        }
        decoder = {
            "settings": asdict(self.decoder_settings),
            "latent": self.encoder_settings.latent or x.shape[1],
            "groups": encoded.record_encoder.groups,
            "noise": self.settings.noise,
        }
        train = TRAININGS[self.settings.training]
        stages = Stages(encoded, training, encoder, decoder)
        self.encoder, self.decoder, self.steps = train(stages)

        self.threads = training.settings.threads
        modules = self.encoder, self.decoder
        self.n_parameters = sum(p.numel() for module in modules for p in module.parameters())
        self.diagnostics = self._agreement(data, teacher, x)
        self.sampler = self._sampler(data, teacher, encoded, training.seed)

    def _sampler(
        self, data: SurvivalDataModule, teacher: CoxTeacher, encoded: EncodedCohort, seed: int
    ) -> Sampler:
        """What sampling needs besides the decoder."""
        s, train = self.settings, data.train
        latent = latent_of(self.encoder, encoded.tensors["x"])
        quantiles = {}
        if s.quantile_group is not None:
            quantiles = {
                name: QuantileMap(train[name].to_numpy(float), s.quantile_group)
                for name in data.schema.of_kind("numeric")
            }
        calibration = None
        if self.calibration_settings is not None:
            calibration = HazardCalibration.of(
                train, data.schema, teacher.penalizer, self.calibration_settings
            )
        return Sampler(
            self.decoder,
            RecordDecoder(encoded.record_encoder, quantiles),
            self.latents.fit(latent, s.noise, seed),
            self.residuals,
            self.outcomes.fit(train, data.schema, teacher),
            calibration,
        )

    def _targets(
        self, data: SurvivalDataModule, teacher: CoxTeacher, encoded: EncodedCohort
    ) -> Targets:
        """Soft targets at quantiles of the event times, on the standardised design."""
        events = data.train.loc[data.train[EVENT] == 1, DURATION].to_numpy(float)
        shares = np.linspace(0, 1, self.encoder_settings.knots + 1)[1:]
        times = np.unique(np.quantile(events, shares, method="higher"))
        times = times[times > 0]  # S(0) = 1 holds no information
        return Targets(
            times.tolist(),
            teacher.log_cumulative_hazard(times).tolist(),
            (teacher.coefficients.to_numpy() * encoded.scaler.scale_).tolist(),
        )

    def _agreement(
        self, data: SurvivalDataModule, teacher: CoxTeacher, x: torch.Tensor
    ) -> dict[str, float]:
        """How well the student ranks the training patients as the teacher does."""
        with torch.no_grad():
            student = self.encoder.risk(x.to(self.encoder.device)).cpu()
        master = torch.from_numpy(teacher.linear_predictor(data.schema.design(data.train))).float()
        outcome = data.train[EVENT].to_numpy(bool), data.train[DURATION].to_numpy(float)
        c_student, c_teacher = (
            concordance_index_censored(*outcome, risk.numpy())[0] for risk in (student, master)
        )
        return {
            "distillation/spearman": float(spearman_corrcoef(student, master)),
            "distillation/c_index_gap": float(c_student - c_teacher),
            PENALIZER: teacher.penalizer,
        }

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
        calibration = self.calibration_settings
        patients = [
            self.settings.quantile_group or 0,
            self.latents.fewest_patients(self.sampler.decoder.latent),
            self.outcomes.fewest_patients(),
            *self.data.train[EVENT].value_counts(),
        ]
        if calibration is not None:
            patients += [calibration.min_events, calibration.cut_group]
        if min(patients) < FEWEST:
            return None
        return pack(self.sampler, len(self.data.train), self.threads)

    def _sample(self, draw: Draw) -> pd.DataFrame:
        with threads(self.threads):
            table, diagnostics = self.sampler.sample(draw)
        self.diagnostics |= diagnostics
        return table


def _group(cls: type[S], name: str, packed: dict, given: Mapping | None) -> S:
    """Settings of a group: the packaged ones, taken out of ``packed``, with the keys given."""
    return build(cls, f"method.{name}", packed.pop(name) | dict(given or {}))


def _part(cls: type[T], name: str, packed: dict, given: T | Mapping | None) -> T:
    """A part: the one given, or the packaged one, taken out of ``packed``, with the keys given."""
    node = packed.pop(name)
    part = built(node | dict(given or {})) if isinstance(given, Mapping | None) else given
    if not isinstance(part, cls):
        raise InputError(
            f"method.{name} is of type {type(part).__name__}; it must be a {cls.__name__}"
        )
    return part
