"""SynthNet: the decoder from the DCM's latent to the preprocessed record."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor, nn

from ck4gen.models.mlp import mlp
from ck4gen.models.record_draws import draw_discrete


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

    def draw(self, latent: Tensor, normal: Tensor, residual_factor: Tensor) -> Tensor:
        """Draw records from what the decoder leaves open, instead of taking its means.

        A decoder of noisy latents gives conditional means, whose correlations are too strong and
        whose spread is too small; the part that it can't know is drawn here (our choice).
        Numerics get Gaussian residuals and may leave [0, 1], so that ranks stay distinct;
        binaries and categories are drawn from their probabilities, with straight-through
        gradients.

        Args:
            latent: (b, d) standardised latent.
            normal: (b, m) standard normal noise, m being q but for very wide records.
            residual_factor: (q, m) what turns the noise into residuals of numerics, and into
                normal numbers of variance 1 from which the others are drawn.

        Returns:
            (b, q) record with whole categories.
        """
        logits, eps = self.logits(latent), torch.finfo(normal.dtype).eps
        normal = normal @ residual_factor.T
        uniform = torch.special.ndtr(normal).clamp(eps, 1 - eps)
        blocks = [
            logits[:, start:stop].sigmoid() + normal[:, start:stop]
            if numeric
            else draw_discrete(logits[:, start:stop], uniform[:, start:stop], temperature=1.0)
            for start, stop, numeric in self._drawn
        ]
        return torch.cat(blocks, 1)

    @cached_property
    def _drawn(self) -> list[list[int]]:
        """The groups, neighbouring numerics as one: the gradient of each costs a whole record."""
        drawn: list[list[int]] = []
        for start, stop, numeric in self.groups:
            if numeric and drawn and drawn[-1][2]:
                drawn[-1][1] = stop
            else:
                drawn.append([start, stop, numeric])
        return drawn
