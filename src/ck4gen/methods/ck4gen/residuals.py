"""What a record holds beside the decoder's output: nothing, or residuals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from ck4gen.data.record_encoder import RecordEncoder
    from ck4gen.models.decoder_module import DecoderModule


@dataclass(frozen=True)
class Residuals(ABC):
    """One kind of residuals: a class, and a file in ``conf/residuals``."""

    @abstractmethod
    def decoder_arguments(
        self, records: RecordEncoder, rows: int, patients: int, moved: int
    ) -> dict:
        """Arguments of :class:`DecoderModule`: what it learns of residuals.

        Args:
            records: The layout of the record.
            rows: Training rows.
            patients: Those of the cohort, held out or not: what is learnt is the same in an audit.
            moved: Rows that a search of a calibrated table of as many moves; 0 without one.
        """

    def noise_width(self, decoder: DecoderModule) -> int:
        """Standard normal numbers that a record of this decoder needs."""
        return decoder.noise_width

    def record(self, decoder: DecoderModule, latent: Tensor, noise: Tensor) -> Tensor:
        """(n, d) latents and (n, k) standard normal noise -> (n, q) record, differentiable."""
        return decoder.draw(latent, noise)

    def to_state(self) -> dict:
        """Its arguments, for a shared sampler."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True)
class NoResiduals(Residuals):
    """The decoder's output, as published."""

    def decoder_arguments(
        self, records: RecordEncoder, rows: int, patients: int, moved: int
    ) -> dict:
        """Nothing is drawn with them."""
        return {"joint_residuals": False, "heads": None}

    def noise_width(self, decoder: DecoderModule) -> int:
        """None."""
        return 0

    def record(self, decoder: DecoderModule, latent: Tensor, noise: Tensor) -> Tensor:
        """The output."""
        return decoder(latent)


@dataclass(frozen=True)
class SampledResiduals(Residuals):
    """Categories drawn from the decoder's probabilities, residuals added to numerics (our choice).

    So a record holds what the decoder leaves open.

    Args:
        joint: Whether residuals of 0/1 columns are drawn with those of numerics.
    """

    joint: bool

    def decoder_arguments(
        self, records: RecordEncoder, rows: int, patients: int, moved: int
    ) -> dict:
        """One covariance of the residuals."""
        return {"joint_residuals": self.joint, "heads": None}
