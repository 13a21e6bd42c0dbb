"""Stage 2: SynthNet learns to decode the frozen latent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor

from ck4gen.data.processes import noise_like
from ck4gen.models.losses import reconstruction_loss
from ck4gen.models.optimisation import muon_with_cosine
from ck4gen.models.record_heads import RecordHeads
from ck4gen.models.residual_factor import residual_factor
from ck4gen.models.settings import DecoderSettings, HeadSettings
from ck4gen.models.synthnet import SynthNet
from ck4gen.models.training_rows import training_rows
from ck4gen.models.weighted_moments import weighted_variance


class DecoderModule(LightningModule):
    """Trains SynthNet on (latent, record) pairs; the encoder is frozen (paper, figure 1d).

    Args:
        settings: :class:`DecoderSettings` as a plain dict.
        latent: Width of the latent.
        groups: Per column ``[start, stop, numeric]`` in the record.
        noise: SD of the noise on the standardised latent.
        joint_residuals: Whether residuals of 0/1 entries are drawn with those of numerics.
        heads: ``settings`` (:class:`HeadSettings` as a plain dict) and ``order`` of
            :class:`RecordHeads`, which draw records instead of residuals; None without.
    """

    variance: Tensor
    residual_factor: Tensor

    def __init__(
        self,
        settings: dict,
        latent: int,
        groups: list[list[int]],
        noise: float,
        joint_residuals: bool,
        heads: dict | None,
    ) -> None:
        super().__init__()
        self.latent, self.noise, self.joint_residuals = latent, noise, joint_residuals
        self.save_hyperparameters(logger=False)
        self.settings = DecoderSettings(**settings)
        self.synthnet = SynthNet(latent, self.settings.hidden, self.settings.activation, groups)
        width = groups[-1][1]
        self.register_buffer("variance", torch.ones(width))
        self.register_buffer("residual_factor", torch.eye(width))
        self.head_arguments, self.heads = heads, None
        if heads is not None:
            made = RecordHeads(HeadSettings(**heads["settings"]), groups, heads["order"])
            self.heads = made.requires_grad_(False)  # they have a stage of their own

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "settings": asdict(self.settings),
            "latent": self.latent,
            "groups": self.synthnet.groups,
            "noise": self.noise,
            "joint_residuals": self.joint_residuals,
            "heads": self.head_arguments,
            "weights": {name: weight.cpu() for name, weight in self.state_dict().items()},
        }

    @classmethod
    def from_state(cls, state: dict) -> DecoderModule:
        """The trained decoder of :meth:`to_state`."""
        decoder = cls(**{name: value for name, value in state.items() if name != "weights"})
        decoder.load_state_dict(state["weights"])
        return decoder.eval().requires_grad_(False)

    def _load_from_state_dict(self, state: Mapping[str, Tensor], prefix: str, *rest: Any) -> None:
        """As of every module; residuals of a wide record have as many directions as were found."""
        if (factor := state.get(f"{prefix}residual_factor")) is not None:
            self.residual_factor = torch.empty_like(factor)
        super()._load_from_state_dict(state, prefix, *rest)

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that residuals of a record are drawn from."""
        return self.residual_factor.shape[1]

    def forward(self, latent: Tensor) -> Tensor:
        """(b, d) standardised latent -> (b, q) record in [0, 1]."""
        return self.synthnet(latent)

    def prepare(self, record: Tensor, weight: Tensor) -> None:
        """Take the variance of each record entry from the training rows, (n, q) and (n,)."""
        variance = weighted_variance(record, weight)
        self.variance = variance.clamp_min(torch.finfo(record.dtype).eps)

    def loss(self, latent: Tensor, record: Tensor, weight: Tensor) -> Tensor:
        """Reconstruction loss of (b, q) records from (b, d) latents, which get the noise.

        Args:
            latent: (b, d) standardised latent.
            record: (b, q) record.
            weight: (b,) weights of the rows.
        """
        if self.noise:
            latent = latent + self.noise * noise_like(latent)
        logits = self.synthnet.logits(latent)
        return reconstruction_loss(logits, record, self.synthnet.groups, self.variance, weight)

    def on_train_start(self) -> None:
        """See :meth:`prepare`."""
        self.prepare(training_rows(self, "record"), training_rows(self, "weight"))

    def on_train_end(self) -> None:
        """See :meth:`measure_residuals`."""
        latent, record, weight = (
            training_rows(self, name) for name in ("latent", "record", "weight")
        )
        self.measure_residuals(latent, record, weight)

    def draw(self, latent: Tensor, normal: Tensor) -> Tensor:
        """(b, d) latent and (b, m) standard normal noise -> (b, q) drawn record."""
        if self.heads is not None:
            return self.heads.draw(self.synthnet.logits(latent), normal)
        return self.synthnet.draw(latent, normal, self.residual_factor)

    @torch.no_grad()
    def measure_residuals(self, latent: Tensor, record: Tensor, weight: Tensor) -> None:
        """Take from the training rows how residuals vary together.

        Args:
            latent: (n, d) standardised latent.
            record: (n, q) record.
            weight: (n,) weights of the rows.
        """
        noisy = latent + self.noise * torch.randn_like(latent)
        rows = record, self(noisy), weight
        factor = residual_factor(*rows, self.synthnet.groups, self.joint_residuals)
        self.residual_factor = factor.to(self.residual_factor)

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """One step of :meth:`loss`."""
        loss = self.loss(batch["latent"], batch["record"], batch["weight"])
        self.last_loss = loss.detach()
        return loss

    def on_train_epoch_end(self) -> None:
        """Log the loss."""
        self.log("decoder/loss", self.last_loss)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Muon with a cosine decay to zero over the steps of this stage."""
        return muon_with_cosine(self.parameters(), self.settings.learning_rate, self.settings.steps)
