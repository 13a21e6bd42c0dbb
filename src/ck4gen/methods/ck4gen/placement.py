"""Where the latent of each synthetic row lies, as a function of noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Placement:
    """A Gaussian for each synthetic row, of which standard normal noise is a draw.

    Attributes:
        centre: (n, d) means.
        factor: (k, d, d) Cholesky factors.
        component: (n,) the factor of each row.
    """

    centre: Tensor
    factor: Tensor
    component: Tensor

    def __call__(self, noise: Tensor, rows: Tensor) -> Tensor:
        """(m, d) noise of some of the rows, and (m,) which -> (m, d) latents, differentiable."""
        moved = torch.stack([noise @ factor.T for factor in self.factor])
        return self.centre[rows] + moved[self.component[rows], torch.arange(len(noise))]
