"""The contract of latents: where those of a synthetic cohort come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ck4gen.methods.draw import Draw


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

    def __call__(self, noise: Tensor) -> Tensor:
        """(n, d) noise -> (n, d) latents, differentiable."""
        moved = torch.stack([noise @ factor.T for factor in self.factor])
        return self.centre + moved[self.component, torch.arange(len(noise))]


class FittedLatents(ABC):
    """Latents of a trained encoder."""

    @abstractmethod
    def place(self, draw: Draw) -> Placement:
        """A Gaussian for each row of a draw."""

    def to_state(self) -> dict:
        """What a shared sampler holds of it; only for latents that keep no row."""
        raise NotImplementedError


class Latents(ABC):
    """The settings of one kind of latents: a file here, and one in ``conf/latents``.

    Attributes:
        uses_rows: Whether a training row stands behind each synthetic row.
    """

    uses_rows: ClassVar[bool]

    @abstractmethod
    def fit(self, latent: Tensor, weight: Tensor, noise: float, seed: int) -> FittedLatents:
        """Fit on the training rows.

        Args:
            latent: (n, d) latents of the training rows.
            weight: (n,) their weights.
            noise: SD of the noise that the decoder was trained on.
            seed: Seed of the fit.
        """

    @abstractmethod
    def fewest_patients(self, width: int) -> float:
        """Patients behind any number of the fitted latents, d = ``width``; 0: single ones."""
