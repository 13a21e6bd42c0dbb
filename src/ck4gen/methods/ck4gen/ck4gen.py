"""CK4Gen (Kuo, Gallego and Jorm 2024), and what goes beyond it by configuration."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
import torch
from sksurv.metrics import concordance_index_censored
from torchmetrics.functional import spearman_corrcoef

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.quantile_map import QuantileMap
from ck4gen.data.record_encoder import NUMERIC
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import Synthesizer, draw_rows, packaged
from ck4gen.methods.ck4gen.latents import GaussianMixtureLatents, ReconstructedLatents
from ck4gen.methods.ck4gen.outcomes import CopiedOutcomes, GeneratedOutcomes
from ck4gen.methods.ck4gen.sampler import Sampler
from ck4gen.methods.ck4gen.shared_sampler import FEWEST, pack
from ck4gen.models.decoder_module import DecoderModule, DecoderSettings
from ck4gen.models.encoder_module import EncoderModule, EncoderSettings, Targets
from ck4gen.models.joint_module import JointModule
from ck4gen.models.training.training import Training, threads
from ck4gen.settings import InputError, at_least, build, check_minima, choose
from ck4gen.survival.teacher import CoxTeacher, TeacherSettings

OPTIONS = {
    "numeric": NUMERIC,
    "training": ("staged", "joint"),
    "latents": ("rows", "density"),
    "records": ("mean", "drawn"),
    "outcomes": ("copied", "redrawn"),
}


@dataclass(frozen=True)
class CK4GenSettings:
    """The plain keys of ``conf/method/ck4gen.yaml``; each is described there."""

    numeric: str
    training: str
    noise: float
    latents: str
    density_components: int
    density_rows: float
    records: str
    quantile_group: int | None
    outcomes: str
    outcome_group: int
    censoring_significance: float

    def __post_init__(self) -> None:
        for key, options in OPTIONS.items():
            choose(f"method.{key}", getattr(self, key), options)
        check_minima(
            "method",
            self,
            noise=0,
            density_components=1,
            density_rows=1,
            outcome_group=1,
            censoring_significance=0,
        )
        if self.quantile_group is not None:
            at_least("method.quantile_group", self.quantile_group, 1)
        if self.latents == "density" and self.outcomes == "copied":
            raise InputError(
                "method.latents=density has no row whose outcome could be copied; use "
                "method.outcomes=redrawn"
            )


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
        calibration: Mapping | None = None,
        **keys: object,
    ) -> None:
        super().__init__()
        packed = packaged(variant)
        groups = {name: packed.pop(name) for name in ("teacher", "encoder", "decoder")}
        calibrated = packed.pop("calibration")
        plain = {key: value for key, value in packed.items() if key not in ("name", "_target_")}
        self.settings = build(CK4GenSettings, "method", plain | keys)
        self.teacher_settings = build(
            TeacherSettings, "method.teacher", groups["teacher"] | dict(teacher or {})
        )
        self.encoder_settings = build(
            EncoderSettings, "method.encoder", groups["encoder"] | dict(encoder or {})
        )
        self.decoder_settings = build(
            DecoderSettings, "method.decoder", groups["decoder"] | dict(decoder or {})
        )
        self.calibration_settings = None
        if calibrated or calibration:
            self.calibration_settings = build(
                CalibrationSettings,
                "method.calibration",
                (calibrated or {}) | dict(calibration or {}),
            )
            if not self.has_noise:
                raise InputError(
                    "method.calibration moves noise, and there is none; set method.noise above 0 "
                    "or method.records=drawn"
                )
        self.times_copied = self.settings.outcomes == "copied"

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        teacher = CoxTeacher(self.teacher_settings).fit(data.train, data.schema)
        self._encode(data, training, self.encoder_settings.batch_size)
        encoder = {
            "settings": asdict(self.encoder_settings),
            "targets": asdict(self._targets(data, teacher)),
        }
        decoder = {
            "settings": asdict(self.decoder_settings),
            "latent": self.encoder_settings.latent or data.batches.tensors["x"].shape[1],
            "groups": data.records.groups,
            "noise": self.settings.noise,
        }
        stages = self._fit_staged if self.settings.training == "staged" else self._fit_joint
        stages(data, training, encoder, decoder)

        self.threads = training.settings.threads
        modules = self.encoder, self.decoder
        self.n_parameters = sum(p.numel() for module in modules for p in module.parameters())
        self.diagnostics = self._agreement(data, teacher)
        self.sampler = self._sampler(data, teacher, training.seed)

    def _sampler(self, data: SurvivalDataModule, teacher: CoxTeacher, seed: int) -> Sampler:
        """What sampling needs besides the decoder."""
        s, train = self.settings, data.train
        latent = self._latent(data.batches.tensors["x"])
        latents: ReconstructedLatents | GaussianMixtureLatents = ReconstructedLatents(
            latent, s.noise
        )
        if s.latents == "density":
            latents = GaussianMixtureLatents(
                latent, s.noise, s.density_components, s.density_rows, seed
            )
        outcomes: CopiedOutcomes | GeneratedOutcomes = CopiedOutcomes(train)
        if s.outcomes == "redrawn":
            outcomes = GeneratedOutcomes(
                train, data.schema, teacher, s.outcome_group, s.censoring_significance
            )
        quantiles = {}
        if s.quantile_group is not None:
            quantiles = {
                name: QuantileMap(train[name].to_numpy(float), s.quantile_group)
                for name in data.schema.of_kind("numeric")
            }
        calibration = None
        if wanted := self.calibration_settings:
            calibration = HazardCalibration.of(
                train, data.schema, self.teacher_settings.penalizer, wanted
            )
        record_map = RecordDecoder(data.records, quantiles)
        drawn = s.records == "drawn"
        return Sampler(self.decoder, record_map, latents, outcomes, drawn, calibration)

    def _fit_staged(
        self, data: SurvivalDataModule, training: Training, encoder: dict, decoder: dict
    ) -> None:
        """Stage 1, then stage 2 on the frozen latent, as published."""
        self.encoder = EncoderModule(**encoder)
        steps = training.fit(self.encoder, data, "encoder", self.encoder_settings.steps)
        self._encode(data, training, self.decoder_settings.batch_size)
        data.batches.tensors["latent"] = self._latent(data.batches.tensors["x"])
        self.decoder = DecoderModule(**decoder)
        self.steps = steps + training.fit(
            self.decoder, data, "decoder", self.decoder_settings.steps
        )

    def _fit_joint(
        self, data: SurvivalDataModule, training: Training, encoder: dict, decoder: dict
    ) -> None:
        """Both at once, the ablation."""
        self._encode(data, training, self.decoder_settings.batch_size)
        joint = JointModule(encoder, decoder)
        self.steps = training.fit(joint, data, "joint", self.decoder_settings.steps)
        self.encoder, self.decoder = joint.encoder, joint.decoder

    def _encode(self, data: SurvivalDataModule, training: Training, batch_size: int | None) -> None:
        data.encode(
            self.settings.numeric, batch_size, training.settings.steps_per_epoch, training.seed
        )

    def _targets(self, data: SurvivalDataModule, teacher: CoxTeacher) -> Targets:
        """Soft targets at quantiles of the event times, on the standardised design."""
        events = data.train.loc[data.train[EVENT] == 1, DURATION].to_numpy(float)
        shares = np.linspace(0, 1, self.encoder_settings.knots + 1)[1:]
        times = np.unique(np.quantile(events, shares, method="higher"))
        times = times[times > 0]  # S(0) = 1 holds no information
        return Targets(
            times.tolist(),
            teacher.log_cumulative_hazard(times).tolist(),
            (teacher.coefficients.to_numpy() * data.scaler.scale_).tolist(),
        )

    def _latent(self, x: torch.Tensor) -> torch.Tensor:
        """(n, p) -> (n, d) standardised latent, on the CPU."""
        with torch.no_grad():
            return self.encoder(x.to(self.encoder.device)).cpu()

    def _agreement(self, data: SurvivalDataModule, teacher: CoxTeacher) -> dict[str, float]:
        """How well the student ranks the training patients as the teacher does."""
        with torch.no_grad():
            student = self.encoder.risk(data.batches.tensors["x"].to(self.encoder.device)).cpu()
        master = torch.from_numpy(teacher.linear_predictor(data.schema.design(data.train))).float()
        outcome = data.train[EVENT].to_numpy(bool), data.train[DURATION].to_numpy(float)
        c_student, c_teacher = (
            concordance_index_censored(*outcome, risk.numpy())[0] for risk in (student, master)
        )
        return {
            "distillation/spearman": float(spearman_corrcoef(student, master)),
            "distillation/c_index_gap": float(c_student - c_teacher),
        }

    def source(self, rows: int, n: int | None, seed: int) -> np.ndarray | None:
        """Training row that each synthetic row is encoded from; none for a density."""
        return draw_rows(rows, n, seed) if self.settings.latents == "rows" else None

    @property
    def has_noise(self) -> bool:
        """Whether latents carry noise, or records are drawn."""
        return self.settings.noise > 0 or self.settings.records == "drawn"

    def calibrated(self, calibration: HazardCalibration | None) -> CK4Gen:
        """A copy whose noise is moved until the real analysis holds; None: left as drawn."""
        moved = copy(self)
        moved.diagnostics = self.diagnostics_of_fit
        moved.calibration_settings = None if calibration is None else calibration.settings
        moved.sampler = replace(self.sampler, calibration=calibration)
        return moved

    def uncalibrated(self) -> CK4Gen | None:
        """The same fit, its noise as drawn."""
        return None if self.sampler.calibration is None else self.calibrated(None)

    def shareable(self) -> dict | None:
        """The sampler, where every average, curve and model is of at least ``FEWEST`` patients."""
        s, wanted = self.settings, self.calibration_settings
        if s.latents == "rows" or s.outcomes == "copied":
            return None
        patients = [
            s.quantile_group or 0,
            s.outcome_group,
            s.density_rows * self.sampler.decoder.latent,
            *self.data.train[EVENT].value_counts(),
        ]
        if wanted is not None:
            patients += [wanted.min_events, wanted.cut_group]
        if min(patients) < FEWEST:
            return None
        return pack(self.sampler, len(self.data.train), self.threads)

    def _sample(self, n: int, source: np.ndarray | None, seed: int) -> pd.DataFrame:
        with threads(self.threads):
            table, found = self.sampler.sample(n, source, seed)
        self.diagnostics |= found
        return table
