"""CK4Gen as published (Kuo, Gallego and Jorm 2024): encode, decode, copy the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd
import torch
from sksurv.metrics import concordance_index_censored
from torchmetrics.functional import spearman_corrcoef

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.preprocess import NUMERIC
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import Synthesizer, draw_rows, packaged
from ck4gen.models.decoder_module import DecoderModule, DecoderSettings
from ck4gen.models.encoder_module import EncoderModule, EncoderSettings, Targets
from ck4gen.models.joint_module import JointModule
from ck4gen.models.teacher import CoxTeacher, TeacherSettings
from ck4gen.models.training import Training, threads
from ck4gen.settings import at_least, build, choose

TRAINING = ("staged", "joint")


class CK4Gen(Synthesizer):
    """Cox teacher -> DCM encoder (stage 1) -> SynthNet decoder on the frozen latent (stage 2).

    Every key left out takes its value from the packaged configuration, so ``CK4Gen()`` is what
    ``method=ck4gen`` runs, and ``CK4Gen(encoder={"components": 5})`` changes one number.

    Args:
        numeric: Transform of numerics in the record: ``boxcox``, ``quantile`` or ``minmax``.
        noise: SD of Gaussian noise on the standardised latent, in training and in sampling; 0
            as published.
        training: ``staged`` as published, or ``joint``: one stage with both losses.
        teacher: Keys of ``conf/teacher``.
        encoder: Keys of ``conf/encoder``.
        decoder: Keys of ``conf/decoder``.

    Raises:
        InputError: A key or value is wrong; the message names the right ones.
    """

    times_copied = True

    def __init__(
        self,
        numeric: str | None = None,
        noise: float | None = None,
        training: str | None = None,
        teacher: Mapping | None = None,
        encoder: Mapping | None = None,
        decoder: Mapping | None = None,
    ) -> None:
        keys = packaged("ck4gen", numeric=numeric, noise=noise, training=training)
        self.numeric = choose("method.numeric", keys["numeric"], NUMERIC)
        self.noise = keys["noise"]
        at_least("method.noise", self.noise, 0)
        self.training = choose("method.training", keys["training"], TRAINING)
        self.teacher_settings = build(
            TeacherSettings, "method.teacher", keys["teacher"] | dict(teacher or {})
        )
        self.encoder_settings = build(
            EncoderSettings, "method.encoder", keys["encoder"] | dict(encoder or {})
        )
        self.decoder_settings = build(
            DecoderSettings, "method.decoder", keys["decoder"] | dict(decoder or {})
        )

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
            "noise": self.noise,
        }
        stages = self._fit_staged if self.training == "staged" else self._fit_joint
        stages(data, training, encoder, decoder)

        self.threads = training.settings.threads
        modules = self.encoder, self.decoder
        self.n_parameters = sum(p.numel() for module in modules for p in module.parameters())
        self.diagnostics = self._agreement(data, teacher)

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
        data.encode(self.numeric, batch_size, training.settings.steps_per_epoch, training.seed)

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

    def source(self, rows: int, n: int | None, seed: int) -> np.ndarray:
        """Training row that each synthetic row is encoded from."""
        return draw_rows(rows, n, seed)

    def _sample(self, n: int, source: np.ndarray, seed: int) -> pd.DataFrame:
        rows = self.data.train.iloc[source].reset_index(drop=True)
        x = self.data.scaler.transform(self.data.schema.design(rows)).astype(np.float32)
        with threads(self.threads), torch.no_grad():
            latent = self._latent(torch.from_numpy(x))
            if self.noise:
                generator = torch.Generator().manual_seed(seed)
                latent += self.noise * torch.randn(latent.shape, generator=generator)
            record = self.decoder(latent.to(self.decoder.device)).cpu().numpy()
        return self.data.records.inverse(record).assign(
            **{DURATION: rows[DURATION], EVENT: rows[EVENT]}
        )
