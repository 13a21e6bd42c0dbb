"""Stage 3, for records drawn column by column: heads learn what SynthNet leaves open."""

from __future__ import annotations

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from ck4gen.data.processes import noise_like
from ck4gen.models.decoder_module import DecoderModule
from ck4gen.models.optimisation import with_cosine
from ck4gen.models.record_heads import RecordHeads
from ck4gen.models.settings import HeadSettings
from ck4gen.models.training_rows import training_rows
from ck4gen.models.weighted_moments import weighted_mean, weighted_variance

LEAST_SD = 1e-3  # of an entry that does not vary


class HeadsModule(LightningModule):
    """Trains the heads of a frozen decoder on (noisy latent, record) pairs, our choice.

    Args:
        decoder: The trained decoder; its heads are changed in place.
        rows: Training rows.
    """

    def __init__(self, decoder: DecoderModule, rows: int) -> None:
        super().__init__()
        self.decoder, self.rows = decoder, rows
        self.heads.requires_grad_(True)  # which the decoder holds still

    @property
    def heads(self) -> RecordHeads:
        """What is trained."""
        if self.decoder.heads is None:
            raise RuntimeError("this decoder has no heads")
        return self.decoder.heads

    @property
    def settings(self) -> HeadSettings:
        """How."""
        return self.heads.settings

    def on_train_start(self) -> None:
        """Standardise the record by the training rows."""
        record, weight = (training_rows(self, name) for name in ("record", "weight"))
        sd = weighted_variance(record, weight).sqrt().clamp_min(LEAST_SD)
        self.heads.standardise(weighted_mean(record, weight), sd)

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Negative log likelihood of the records, a mean over rows and a sum over columns."""
        with torch.no_grad():
            latent = batch["latent"]
            latent = latent + self.decoder.noise * noise_like(latent)
            output = self.decoder.synthnet.logits(latent)
        likelihood = self.heads.log_likelihood(output, batch["record"]).sum(1)
        loss = -(batch["weight"] * likelihood).mean()
        self.last_loss = loss.detach()
        return loss

    def on_train_epoch_end(self) -> None:
        """Log the loss."""
        self.log("heads/loss", self.last_loss)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Adam with decoupled decay of the weights, weaker the more rows there are.

        As a prior worth a number of rows would be (AdamW, Loshchilov and Hutter 2019). Biases do
        not decay, so that columns keep their shares however few the rows.
        """
        settings, heads = self.settings, self.heads
        decayed = {"weight_decay": settings.decay_rows / self.rows, "params": heads.weights()}
        free = {"weight_decay": 0.0, "params": heads.biases.parameters()}
        optimizer = torch.optim.AdamW([decayed, free], settings.learning_rate, fused=True)
        return with_cosine(optimizer, settings.steps)
