"""SynthNet: the decoder from the DCM's latent to the preprocessed record."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ck4gen.models.mlp import mlp


class SynthNet(nn.Module):
    """Fully connected decoder with outputs in [0, 1] (paper, figure 1f).

    The paper ends in a sigmoid; multi-level categories get a softmax instead (our choice), so
    that exactly one level is drawn.

    Args:
        latent: Width of the standardised latent.
        hidden: Widths of the hidden layers.
        activation: Activation of the hidden layers.
        groups: Per column ``[start, stop, numeric]`` in the record.
    """

    def __init__(
        self, latent: int, hidden: list[int], activation: str, groups: list[list[int]]
    ) -> None:
        super().__init__()
        self.groups = groups
        self.layers = mlp(latent, hidden, groups[-1][1], activation)

    def logits(self, latent: Tensor) -> Tensor:
        """(b, d) -> (b, q) before sigmoid and softmax."""
        return self.layers(latent)

    def forward(self, latent: Tensor) -> Tensor:
        """(b, d) -> (b, q) record in [0, 1]; categories sum to one."""
        logits = self.logits(latent)
        blocks = [
            logits[:, start:stop].softmax(1)
            if stop - start > 1
            else logits[:, start:stop].sigmoid()
            for start, stop, _ in self.groups
        ]
        return torch.cat(blocks, 1)
