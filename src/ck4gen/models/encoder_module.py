"""Stage 1: the DCM student learns the teacher's survival curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torchmetrics.functional import spearman_corrcoef

from ck4gen.data.drawn_rows import RANKED, drawn_rows
from ck4gen.models.dcm import DCM
from ck4gen.models.losses import distillation_loss
from ck4gen.models.optimisation import adam_with_cosine
from ck4gen.models.settings import EncoderSettings
from ck4gen.models.training_rows import training_rows
from ck4gen.models.weighted_moments import weighted_mean, weighted_variance

MIN_SD = 1e-6  # a latent dimension that does not vary stays zero


@dataclass(frozen=True)
class Targets:
    """The teacher's curves: log(-log S(t|x)) = x @ coefficients + log_hazard(t).

    Attributes:
        times: (m,) knots, quantiles of the event times.
        log_hazard: (m,) the teacher's log cumulative hazard at the knots, for x = 0.
        coefficients: (p,) log hazard ratios per standardised term.
    """

    times: list[float]
    log_hazard: list[float]
    coefficients: list[float]


class EncoderModule(LightningModule):
    """Distils a Cox teacher into a DCM whose standardised embedding is the latent.

    Args:
        settings: :class:`EncoderSettings` as a plain dict (Lightning reloads primitives only).
        targets: :class:`Targets` as a plain dict.
    """

    times: Tensor
    log_hazard: Tensor
    coefficients: Tensor
    latent_mean: Tensor
    latent_sd: Tensor
    variance: Tensor

    def __init__(self, settings: dict, targets: dict) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        self.settings = EncoderSettings(**settings)
        self.register_buffer("times", torch.tensor(targets["times"]))
        self.register_buffer("log_hazard", torch.tensor(targets["log_hazard"]))
        self.register_buffer("coefficients", torch.tensor(targets["coefficients"]))
        n_features = len(targets["coefficients"])
        self.dcm = DCM(
            n_features,
            self.settings.hidden,
            self.settings.latent,
            self.settings.components,
            self.settings.gamma,
            self.settings.activation,
            np.log(np.diff(np.exp(targets["log_hazard"]), prepend=0)).tolist(),
        )
        width = self.settings.latent or n_features
        self.register_buffer("latent_mean", torch.zeros(width))
        self.register_buffer("latent_sd", torch.ones(width))
        self.register_buffer("variance", torch.ones(()))

    def teacher(self, x: Tensor) -> Tensor:
        """(b, p) -> (b, m) the teacher's log(-log S(t|x)) at the knots."""
        return (x @ self.coefficients)[:, None] + self.log_hazard

    def forward(self, x: Tensor) -> Tensor:
        """(b, p) -> (b, d) latent, standardised with the training rows' mean and SD."""
        return (self.dcm.embedding(x) - self.latent_mean) / self.latent_sd

    def risk(self, x: Tensor) -> Tensor:
        """(b, p) -> (b,) the student's log(-log S(t|x)) at the middle knot."""
        return self.dcm.log_minus_log_survival(x)[:, len(self.times) // 2]

    def prepare(self, x: Tensor, weight: Tensor) -> None:
        """Take the variance of the teacher's linear predictor from the training rows.

        Args:
            x: (n, p) standardised design.
            weight: (n,) weights of the rows.
        """
        variance = weighted_variance((x @ self.coefficients)[:, None], weight)[0]
        self.variance = variance.clamp_min(torch.finfo(x.dtype).eps)

    def standardise(self, x: Tensor, weight: Tensor) -> None:
        """Freeze the standardisation of the latent at the training rows, (n, p) and (n,)."""
        with torch.no_grad():
            latent = self.dcm.embedding(x)
        self.latent_mean = weighted_mean(latent, weight)
        self.latent_sd = weighted_variance(latent, weight).sqrt().clamp_min(MIN_SD)

    def loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Distillation loss, plus the weighted censored likelihood when it is asked for."""
        x, weight = batch["x"], batch["weight"]
        student = self.dcm.log_minus_log_survival(x)
        loss = distillation_loss(student, self.teacher(x), self.variance, weight)
        loss = self.settings.distillation_weight * loss
        if self.settings.likelihood_weight:
            interval, share = self._position(batch["duration"])
            likelihood = self.dcm.log_likelihood(x, interval, share, batch["event"])
            loss = loss - self.settings.likelihood_weight * (weight * likelihood).mean()
        return loss

    def agreement(self, x: Tensor) -> Tensor:
        """() rank correlation of student and teacher risk over the rows (n, p)."""
        with torch.no_grad():
            return spearman_corrcoef(self.risk(x), x @ self.coefficients)

    def on_train_start(self) -> None:
        """See :meth:`prepare`."""
        self.prepare(training_rows(self, "x"), training_rows(self, "weight"))

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """One step of :meth:`loss`."""
        loss = self.loss(batch)
        self.last_loss = loss.detach()
        return loss

    def _position(self, duration: Tensor) -> tuple[Tensor, Tensor]:
        """Index of the interval that holds each time, and the share of it that lies before."""
        last = len(self.times) - 1
        interval = torch.searchsorted(self.times, duration).clamp(max=last)
        edges = torch.cat([self.times.new_zeros(1), self.times])
        start, stop = edges[interval], edges[interval + 1]
        # past the last event time no event is possible, so survival stays at its last value
        return interval, ((duration - start) / (stop - start)).clamp(0, 1)

    def on_train_epoch_end(self) -> None:
        """Log the loss and the rank correlation of student and teacher risk."""
        x = training_rows(self, "x")
        agreement = self.agreement(x[drawn_rows(len(x), RANKED, seed=0)])
        self.log_dict({"encoder/loss": self.last_loss, "encoder/spearman": agreement})

    def on_train_end(self) -> None:
        """See :meth:`standardise`."""
        self.standardise(training_rows(self, "x"), training_rows(self, "weight"))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Adam with a cosine decay to zero over the steps of this stage."""
        return adam_with_cosine(self.parameters(), self.settings.learning_rate, self.settings.steps)
