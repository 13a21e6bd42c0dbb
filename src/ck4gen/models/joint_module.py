"""Ablation: encoder and decoder trained together, with or without the teacher."""

from __future__ import annotations

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from ck4gen.models.decoder_module import DecoderModule
from ck4gen.models.encoder_module import MIN_SD, EncoderModule
from ck4gen.models.optimisation import muon_with_cosine
from ck4gen.models.training_rows import training_rows


class JointModule(LightningModule):
    """One stage instead of two: the sum of both losses trains both networks (our ablation).

    With ``encoder.distillation_weight`` 0 it is a plain autoencoder, which the teacher never
    reaches. Learning rate and steps are the decoder's.

    Args:
        encoder: Arguments of :class:`EncoderModule`.
        decoder: Arguments of :class:`DecoderModule`.
    """

    def __init__(self, encoder: dict, decoder: dict) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        self.encoder = EncoderModule(**encoder)
        self.decoder = DecoderModule(**decoder)

    def on_train_start(self) -> None:
        """Prepare both losses on the training rows."""
        weight = training_rows(self, "weight")
        self.encoder.prepare(training_rows(self, "x"), weight)
        self.decoder.prepare(training_rows(self, "record"), weight)

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Sum of the losses; the decoder sees the latent standardised within the batch."""
        latent = self.encoder.dcm.embedding(batch["x"])
        latent = (latent - latent.mean(0)) / latent.std(0).clamp_min(MIN_SD)
        losses = (
            self.encoder.loss(batch),
            self.decoder.loss(latent, batch["record"], batch["weight"]),
        )
        self.last_losses = [loss.detach() for loss in losses]
        return torch.stack(losses).sum()

    def on_train_epoch_end(self) -> None:
        """Log both losses and the rank correlation of student and teacher risk."""
        names = {"encoder/loss": self.last_losses[0], "decoder/loss": self.last_losses[1]}
        agreement = self.encoder.agreement(training_rows(self, "x"))
        self.log_dict({**names, "encoder/spearman": agreement})

    def on_train_end(self) -> None:
        """Freeze the latent's standardisation and measure what the decoder leaves open."""
        x, weight = training_rows(self, "x"), training_rows(self, "weight")
        self.encoder.standardise(x, weight)
        with torch.no_grad():
            record = training_rows(self, "record")
            self.decoder.measure_residuals(self.encoder(x), record, weight)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Muon with a cosine decay to zero over the decoder's steps."""
        settings = self.decoder.settings
        return muon_with_cosine(self.parameters(), settings.learning_rate, settings.steps)
