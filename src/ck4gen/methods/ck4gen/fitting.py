"""The fit of CK4Gen: guard, teachers, both networks, and the sampler that comes of them."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from sksurv.metrics import concordance_index_censored
from torchmetrics.functional import spearman_corrcoef

from ck4gen.calibration.moved_rows import table_entries
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.drawn_rows import RANKED, drawn_rows
from ck4gen.data.encoded_cohort import EncodedCohort
from ck4gen.data.quantile_map import QuantileMap
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.guard import Guarded
from ck4gen.guard.influence import summaries
from ck4gen.guard.settings import GuardSettings
from ck4gen.methods.ck4gen.cohort_targets import CohortTargets
from ck4gen.methods.ck4gen.joint_areas import joint_areas
from ck4gen.methods.ck4gen.kept_statistics import QUANTILES, kept_statistics
from ck4gen.methods.ck4gen.sampler import Sampler
from ck4gen.methods.ck4gen.stages import TRAININGS, Stages, latent_of
from ck4gen.methods.draw import Draw
from ck4gen.methods.guarding import behind_guard
from ck4gen.models.decoder_module import DecoderModule
from ck4gen.models.encoder_module import EncoderModule, Targets
from ck4gen.models.training import Training
from ck4gen.survival.design_axes import WIDE
from ck4gen.survival.teacher import CoxTeacher, penalizer_names

if TYPE_CHECKING:
    from ck4gen.methods.ck4gen.ck4gen import CK4Gen


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves.

    Attributes:
        guarded: The training rows behind their guard.
        encoder: The student.
        decoder: The decoder.
        steps: Optimiser steps of both.
        sampler: What draws cohorts.
        diagnostics: Metrics of the fit itself.
    """

    guarded: Guarded
    encoder: EncoderModule
    decoder: DecoderModule
    steps: int
    sampler: Sampler
    diagnostics: dict[str, float]


def fitted(method: CK4Gen, data: SurvivalDataModule, training: Training) -> Fitted:
    """Fit on the training rows.

    Args:
        method: The settings of all parts.
        data: The cohort.
        training: Trainer settings, seed and secret.

    Raises:
        InputError: The cohort can't be used.
    """
    settings = method.settings
    guarded, penalizers = behind_guard(
        data, method.teacher_settings, method.guard_settings, training
    )
    cohort = guarded.cohort
    teachers = {
        cause: CoxTeacher(method.teacher_settings).fit(part, penalizers[cause])
        for cause, part in cohort.by_cause.items()
    }
    teacher = teachers[1]  # the student learns the event's hazard; other causes have curves
    targets = CohortTargets.of(
        cohort,
        teachers,
        method.outcomes,
        settings.quantile_group,
        settings.few_values,
        settings.heaps,
        method.calibration_settings,
    )
    columns = targets.columns(min(len(cohort), settings.score_draw))
    encoded = EncodedCohort.of(cohort, settings.numeric, columns)
    encoder, decoder, steps = TRAININGS[settings.training](
        _stages(method, soft_targets(method, cohort, teacher, encoded), encoded, data, training)
    )
    diagnostics = _agreement(encoder, cohort, teacher, encoded.tensors["x"])
    diagnostics |= {name: penalizers[cause] for cause, name in penalizer_names(penalizers).items()}
    if method.guard_settings is not None:
        diagnostics |= _worst_case(guarded, targets, method.guard_settings, training.seed)
    latent = latent_of(encoder, encoded.tensors["x"])
    sampler = _sampler(method, decoder, latent, targets, encoded, training.seed)
    return Fitted(guarded, encoder, decoder, steps, sampler, diagnostics)


def soft_targets(
    method: CK4Gen, cohort: WeightedCohort, teacher: CoxTeacher, encoded: EncodedCohort
) -> Targets:
    """The teacher's curve at quantiles of the event times, on the standardised design."""
    happened = cohort.event == 1
    events, weight = cohort.duration[happened], cohort.weight[happened]
    shares = np.linspace(0, 1, method.encoder_settings.knots + 1)[1:]
    group = max(1, int(method.settings.quantile_group or 1))
    times = np.unique([averaged_quantile(events, weight, share, group) for share in shares])
    times = times[times > 0]  # S(0) = 1 holds no information
    hazard = teacher.log_cumulative_hazard(times)
    rises = np.diff(hazard, prepend=-np.inf) > 0  # nor does a stretch without an event
    return Targets(
        times[rises].tolist(),
        hazard[rises].tolist(),
        (teacher.coefficients.to_numpy() * encoded.scaler.scale_).tolist(),
    )


def _stages(
    method: CK4Gen,
    curve: Targets,
    encoded: EncodedCohort,
    data: SurvivalDataModule,
    training: Training,
) -> Stages:
    rows, calibration = len(encoded.tensors["x"]), method.calibration_settings
    moved = calibration.moving(data.patients, data.patients) if calibration else 0
    encoder = {"settings": asdict(method.encoder_settings), "targets": asdict(curve)}
    decoder = {
        "settings": asdict(method.decoder_settings),
        "latent": method.encoder_settings.latent or encoded.tensors["x"].shape[1],
        "groups": encoded.record_encoder.groups,
        "noise": method.settings.noise,
        **method.residuals.decoder_arguments(encoded.record_encoder, rows, data.patients, moved),
    }
    return Stages(encoded, training, encoder, decoder)


def _agreement(
    encoder: EncoderModule, cohort: WeightedCohort, teacher: CoxTeacher, x: torch.Tensor
) -> dict[str, float]:
    """How well the student ranks the training patients as the teacher does."""
    rows = drawn_rows(len(cohort), RANKED, seed=0)
    with torch.no_grad():
        student = encoder.risk(x[rows].to(encoder.device)).cpu()
    master = torch.from_numpy(teacher.linear_predictor(cohort.design.iloc[rows])).float()
    outcome = (cohort.event == 1)[rows], cohort.duration[rows]
    c_student, c_teacher = (
        concordance_index_censored(*outcome, risk.numpy())[0] for risk in (student, master)
    )
    return {
        "distillation/spearman": float(spearman_corrcoef(student, master)),
        "distillation/c_index_gap": float(c_student - c_teacher),
    }


def _worst_case(
    guarded: Guarded, targets: CohortTargets, settings: GuardSettings, seed: int
) -> dict[str, float]:
    """What an attacker who knows all other patients reads from all kept statistics."""
    patients, most = len(guarded.cohort), settings.most_statistics
    some = drawn_rows(patients, settings.most_patients, seed)
    kept = list(kept_statistics(guarded.cohort.weighted(guarded.cap).where(some), targets))
    prices: dict[str, float] = {}
    for k in kept:  # thousands of columns would be thousands of numbers
        many = k.name.startswith(QUANTILES) and len(targets.quantiles) > WIDE
        name = QUANTILES if many else k.name
        prices[name] = prices.get(name, 0.0) + k.price(guarded.noise, patients)
    metrics = {f"guard/price/{name}": price for name, price in prices.items()}
    number, rows = sum(k.influence.shape[1] for k in kept), len(some)
    if min(number, rows) > most:
        warnings.warn(
            f"what an attacker reads from all {number} kept numbers of {rows} patients is not "
            f"worked out: both are more than method.guard.most_statistics = {most}",
            UserWarning,
            stacklevel=2,
        )
        return metrics
    areas = joint_areas(kept, guarded.cap[some], guarded.noise, patients)
    for name, area in areas.items():
        prefix = f"privacy/worst_case/targets/{name}"
        metrics |= {f"{prefix}/{summary}": value for summary, value in summaries(area).items()}
    return metrics


def _sampler(
    method: CK4Gen,
    decoder: DecoderModule,
    latent: torch.Tensor,
    targets: CohortTargets,
    encoded: EncodedCohort,
    seed: int,
) -> Sampler:
    """What sampling needs besides the decoder: a quantile map is learnt from a draw without one."""
    settings = method.settings
    plain = Sampler(
        decoder,
        RecordDecoder(encoded.record_encoder, {}),
        method.latents.fit(latent, encoded.tensors["weight"], settings.noise, seed),
        method.residuals,
        targets.outcomes,
        targets.calibration,
    )
    noise, record = plain.noise_and_records(Draw(len(latent), settings.score_draw, seed))
    scores = table_entries(record, noise)
    quantiles = {
        field.name: QuantileMap.of(
            scores[:, field.start], targets.quantiles[field.name], settings.score_knots
        )
        for field in encoded.record_encoder.fields
        if field.name in targets.quantiles
    }
    written = RecordDecoder(encoded.record_encoder, quantiles)
    calibration = targets.calibration
    if calibration is not None and calibration.of_generator_names:
        calibration = calibration.of_generator(written.table(scores))
    return replace(plain, record_decoder=written, calibration=calibration)
