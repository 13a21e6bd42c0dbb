"""The contract of latents: where those of a synthetic cohort come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from ck4gen.methods.draw import Draw

if TYPE_CHECKING:
    from torch import Tensor

    from ck4gen.methods.ck4gen.placement import Placement


class FittedLatents(ABC):
    """Latents of a trained encoder.

    Attributes:
        of_rows: Whether a training row stands behind each synthetic row.
    """

    of_rows: ClassVar[bool] = False

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
