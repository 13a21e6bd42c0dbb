"""What a record holds beside the decoder's output: nothing, or residuals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from ck4gen.models.decoder_module import DecoderModule


class Residuals(ABC):
    """One kind of residuals: a class, and a file in ``conf/residuals``."""

    @abstractmethod
    def noise_width(self, record_width: int) -> int:
        """Standard normal numbers that a record of this width needs."""

    @abstractmethod
    def record(self, decoder: DecoderModule, latent: Tensor, noise: Tensor) -> Tensor:
        """(n, d) latents and (n, k) standard normal noise -> (n, q) record, differentiable."""


@dataclass(frozen=True)
class NoResiduals(Residuals):
    """The decoder's output, as published."""

    def noise_width(self, record_width: int) -> int:
        """None."""
        return 0

    def record(self, decoder: DecoderModule, latent: Tensor, noise: Tensor) -> Tensor:
        """The output."""
        return decoder(latent)


@dataclass(frozen=True)
class SampledResiduals(Residuals):
    """Categories drawn from the decoder's probabilities, residuals added to numerics (our choice).

    So a record holds what the decoder leaves open.
    """

    def noise_width(self, record_width: int) -> int:
        """One number for each entry of the record."""
        return record_width

    def record(self, decoder: DecoderModule, latent: Tensor, noise: Tensor) -> Tensor:
        """A draw around the output."""
        return decoder.draw(latent, noise)
