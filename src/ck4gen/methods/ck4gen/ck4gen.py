"""CK4Gen (Kuo, Gallego and Jorm 2024), and what goes beyond it by configuration."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, TypeVar

import numpy as np
import pandas as pd
import torch

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.config import built
from ck4gen.constraints import AtLeast, Natural, NonNegative, OneOf, check_fields
from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.encoded_cohort import EncodedCohort
from ck4gen.data.quantile_map import QuantileMap
from ck4gen.data.record_encoder import NUMERIC
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.guard import Guarded
from ck4gen.guard.influence import summaries
from ck4gen.guard.settings import GuardSettings
from ck4gen.methods.arguments import calibrated_arguments
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.ck4gen.cohort_targets import CohortTargets
from ck4gen.methods.ck4gen.kept_statistics import joint_areas, kept_statistics
from ck4gen.methods.ck4gen.latents import Latents
from ck4gen.methods.ck4gen.outcomes import Outcomes
from ck4gen.methods.ck4gen.residuals import NoResiduals, Residuals
from ck4gen.methods.ck4gen.sampler import Sampler
from ck4gen.methods.ck4gen.shared_sampler import FEWEST, pack
from ck4gen.methods.ck4gen.stages import TRAININGS, Stages, latent_of
from ck4gen.methods.draw import Draw
from ck4gen.methods.guarding import behind_guard
from ck4gen.models.settings import DecoderSettings, EncoderSettings
from ck4gen.models.training import Training, threads
from ck4gen.settings import InputError, build
from ck4gen.survival.teacher import CoxTeacher, TeacherSettings, penalizer_names

if TYPE_CHECKING:
    from ck4gen.models.encoder_module import Targets

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
        guarded, penalizers = behind_guard(
            data, self.teacher_settings, self.guard_settings, training
        )
        cohort = guarded.cohort
        teachers = {
            cause: CoxTeacher(self.teacher_settings).fit(part, penalizers[cause])
            for cause, part in cohort.by_cause.items()
        }
        teacher = teachers[1]  # the student learns the event's hazard; other causes have curves
        targets = CohortTargets.of(
            cohort,
            teachers,
            self.outcomes,
            self.settings.quantile_group,
            self.settings.few_values,
            self.calibration_settings,
        )
        encoded = EncodedCohort.of(
            cohort, self.settings.numeric, targets.columns(self.settings.score_knots)
        )
        x = encoded.tensors["x"]
        encoder = {
            "settings": asdict(self.encoder_settings),
            "targets": asdict(self._curves(cohort, teacher, encoded)),
        }
        decoder = {
            "settings": asdict(self.decoder_settings),
            "latent": self.encoder_settings.latent or x.shape[1],
            "groups": encoded.record_encoder.groups,
            "noise": self.settings.noise,
            "joint_residuals": self.residuals.joint,
        }
        train = TRAININGS[self.settings.training]
        stages = Stages(encoded, training, encoder, decoder)
        self.encoder, self.decoder, self.steps = train(stages)

        self.threads = training.settings.threads
        modules = self.encoder, self.decoder
        self.n_parameters = sum(p.numel() for module in modules for p in module.parameters())
        self.diagnostics = self._agreement(cohort, teacher, x)
        self.diagnostics |= {
            name: penalizers[cause] for cause, name in penalizer_names(penalizers).items()
        }
        if self.guard_settings is not None:
            self.know(guarded)
            self.diagnostics |= self._worst_case(guarded, targets)
        self.sampler = self._sampler(targets, encoded, training.seed)

    def _worst_case(self, guarded: Guarded, targets: CohortTargets) -> dict[str, float]:
        """What an attacker who knows all other patients reads from all kept statistics."""
        kept = list(kept_statistics(guarded.cohort.weighted(guarded.cap), targets))
        found = {f"guard/price/{k.name}": k.price(guarded.noise) for k in kept}
        number, rows = sum(k.influence.shape[1] for k in kept), len(guarded.cohort)
        if self.guard_settings and min(number, rows) > self.guard_settings.most_statistics:
            warnings.warn(
                f"what an attacker reads from all {number} kept numbers of {rows} patients is "
                "not worked out: both are more than method.guard.most_statistics = "
                f"{self.guard_settings.most_statistics}",
                UserWarning,
                stacklevel=2,
            )
            return found
        areas = joint_areas(kept, guarded.cap, guarded.noise)
        for name, area in areas.items():
            prefix = f"privacy/worst_case/targets/{name}"
            found |= {f"{prefix}/{summary}": value for summary, value in summaries(area).items()}
        return found

    def _sampler(self, targets: CohortTargets, encoded: EncodedCohort, seed: int) -> Sampler:
        """What sampling needs besides the decoder."""
        s, tensors = self.settings, encoded.tensors
        latent = latent_of(self.encoder, tensors["x"])
        plain = Sampler(
            self.decoder,
            RecordDecoder(encoded.record_encoder, {}),
            self.latents.fit(latent, tensors["weight"], s.noise, seed),
            self.residuals,
            targets.outcomes,
            targets.calibration,
        )
        noise, record = plain.noise_and_records(Draw(len(latent), s.score_draw, seed))
        with torch.no_grad():
            scores = record(noise).numpy().astype(float)
        quantiles = {
            field.name: QuantileMap.of(
                scores[:, field.start], targets.quantiles[field.name], s.score_knots
            )
            for field in encoded.record_encoder.fields
            if field.name in targets.quantiles
        }
        return replace(plain, record_decoder=RecordDecoder(encoded.record_encoder, quantiles))

    def _curves(
        self, cohort: WeightedCohort, teacher: CoxTeacher, encoded: EncodedCohort
    ) -> Targets:
        """Soft targets at quantiles of the event times, on the standardised design."""
        from ck4gen.models.encoder_module import Targets  # Lightning, as in the stages

        happened = cohort.event == 1
        events, weight = cohort.duration[happened], cohort.weight[happened]
        shares = np.linspace(0, 1, self.encoder_settings.knots + 1)[1:]
        group = max(1, int(self.settings.quantile_group or 1))
        times = np.unique([averaged_quantile(events, weight, share, group) for share in shares])
        times = times[times > 0]  # S(0) = 1 holds no information
        hazard = teacher.log_cumulative_hazard(times)
        rises = np.diff(hazard, prepend=-np.inf) > 0  # nor does a stretch without an event
        return Targets(
            times[rises].tolist(),
            hazard[rises].tolist(),
            (teacher.coefficients.to_numpy() * encoded.scaler.scale_).tolist(),
        )

    def _agreement(
        self, cohort: WeightedCohort, teacher: CoxTeacher, x: torch.Tensor
    ) -> dict[str, float]:
        """How well the student ranks the training patients as the teacher does."""
        # both take seconds, and a wrong key is refused without them
        from sksurv.metrics import concordance_index_censored
        from torchmetrics.functional import spearman_corrcoef

        with torch.no_grad():
            student = self.encoder.risk(x.to(self.encoder.device)).cpu()
        master = torch.from_numpy(teacher.linear_predictor(cohort.design)).float()
        outcome = cohort.event == 1, cohort.duration
        c_student, c_teacher = (
            concordance_index_censored(*outcome, risk.numpy())[0] for risk in (student, master)
        )
        return {
            "distillation/spearman": float(spearman_corrcoef(student, master)),
            "distillation/c_index_gap": float(c_student - c_teacher),
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
            *np.unique(self.data.cohort.cause, return_counts=True)[1],
        ]
        if calibration is not None:
            patients += [calibration.min_events, calibration.cut_group]
        if min(patients) < FEWEST:
            return None
        return pack(self.sampler, len(self.data.train), self.guard_noise, self.threads)

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
