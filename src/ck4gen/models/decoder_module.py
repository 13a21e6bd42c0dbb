"""Stage 2: SynthNet learns to decode the frozen latent."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from pytorch_lightning import LightningModule
from torch import Tensor

from ck4gen.models.losses import reconstruction_loss
from ck4gen.models.mlp import ACTIVATIONS
from ck4gen.models.optimisation import adam_with_cosine
from ck4gen.models.synthnet import SynthNet
from ck4gen.settings import at_least, choose, widths


@dataclass(frozen=True)
class DecoderSettings:
    """The keys of ``conf/decoder``; each is described there."""

    hidden: list[int]
    activation: str
    learning_rate: float
    steps: int
    batch_size: int | None

    def __post_init__(self) -> None:
        widths("method.decoder.hidden", self.hidden)
        choose("method.decoder.activation", self.activation, tuple(ACTIVATIONS))
        at_least("method.decoder.learning_rate", self.learning_rate, 0)
        at_least("method.decoder.steps", self.steps, 1)
        if self.batch_size is not None:
            at_least("method.decoder.batch_size", self.batch_size, 1)


class DecoderModule(LightningModule):
    """Trains SynthNet on (latent, record) pairs; the encoder is frozen (paper, figure 1d).

    Args:
        settings: :class:`DecoderSettings` as a plain dict.
        latent: Width of the latent.
        groups: Per column ``[start, stop, numeric]`` in the record.
    """

    def __init__(self, settings: dict, latent: int, groups: list[list[int]]) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        self.settings = DecoderSettings(**settings)
        self.synthnet = SynthNet(latent, self.settings.hidden, self.settings.activation, groups)
        self.register_buffer("variance", torch.ones(groups[-1][1]))

    def forward(self, latent: Tensor) -> Tensor:
        """(b, d) standardised latent -> (b, q) record in [0, 1]."""
        return self.synthnet(latent)

    def on_fit_start(self) -> None:
        """Take the variance of each record entry from the training rows."""
        record = self.trainer.datamodule.batches.tensors["record"].to(self.device)
        self.variance = record.var(0).clamp_min(torch.finfo(record.dtype).eps)

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Reconstruction loss of the record."""
        logits = self.synthnet.logits(batch["latent"])
        loss = reconstruction_loss(logits, batch["record"], self.synthnet.groups, self.variance)
        self.loss = loss.detach()
        return loss

    def on_train_epoch_end(self) -> None:
        """Log the loss."""
        self.log("decoder/loss", self.loss)

    def configure_optimizers(self) -> dict:
        """Adam with a cosine decay to zero over the steps of this stage."""
        return adam_with_cosine(self.parameters(), self.settings.learning_rate, self.settings.steps)
