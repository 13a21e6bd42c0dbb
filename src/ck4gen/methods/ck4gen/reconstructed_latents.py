"""Latents of training rows, with noise around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ck4gen.methods.ck4gen.latents import FittedLatents, Latents
from ck4gen.methods.draw import Draw

if TYPE_CHECKING:
    from torch import Tensor

    from ck4gen.methods.ck4gen.placement import Placement


@dataclass(frozen=True)
class Reconstruct(Latents):
    """Each synthetic row is a training row, encoded and decoded, as published."""

    uses_rows: ClassVar[bool] = True

    def fit(self, latent: Tensor, weight: Tensor, noise: float, seed: int) -> ReconstructedLatents:
        """Keep the latents of the training rows."""
        return ReconstructedLatents(latent, noise)

    def fewest_patients(self, width: int) -> float:
        """Every latent is one patient's."""
        return 0


@dataclass(frozen=True)
class ReconstructedLatents(FittedLatents):
    """The latent of a training row, and noise around it.

    Attributes:
        latent: (n, d) latents of the training rows.
        noise: SD of the noise.
    """

    of_rows: ClassVar[bool] = True

    latent: Tensor
    noise: float

    def place(self, draw: Draw) -> Placement:
        """Around the training row behind each synthetic row."""
        import torch  # seconds: a wrong key is refused without it

        from ck4gen.methods.ck4gen.placement import Placement

        factor = self.noise * torch.eye(self.latent.shape[1])
        source = torch.from_numpy(draw.source_rows())
        return Placement(self.latent[source], factor[None], torch.zeros(draw.n).long())
