"""From trained networks to a cohort: latents, noise, calibration, outcomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.moved_rows import Records, records_of, table_entries
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.methods.ck4gen.latents import FittedLatents
from ck4gen.methods.ck4gen.outcomes import FittedOutcomes
from ck4gen.methods.ck4gen.residuals import Residuals
from ck4gen.methods.draw import Draw

if TYPE_CHECKING:
    from ck4gen.models.decoder_module import DecoderModule


@dataclass(frozen=True)
class Sampler:
    """Draws cohorts from a trained decoder.

    Attributes:
        decoder: The decoder.
        record_decoder: Post-processing of its records.
        latents: Where latents come from.
        residuals: What a record holds beside the decoder's output.
        outcomes: Where outcomes come from.
        calibration: Hazard calibration, None without.
    """

    decoder: DecoderModule
    record_decoder: RecordDecoder
    latents: FittedLatents
    residuals: Residuals
    outcomes: FittedOutcomes
    calibration: HazardCalibration | None

    def sample(self, draw: Draw) -> tuple[pd.DataFrame, dict[str, float]]:
        """Draw a cohort.

        Returns:
            The table, and diagnostics of the calibration.

        Raises:
            InputError: The calibrated cohort lost the information that hazard ratios need.
        """
        n = draw.n
        if self.calibration is not None:
            self.calibration.check_rows(n)
            if not self.latents.of_rows and (more := self.calibration.candidates(n)) > n:
                draw = replace(draw, requested=more)
        noise, record = self.noise_and_records(draw)
        entries = table_entries(record, noise)
        outcome = self.outcomes.draw(self.record_decoder.table(entries), draw)
        decoder = self.record_decoder.beside(outcome)
        if self.calibration is None:
            return decoder.table(entries).join(outcome), {}
        if draw.n > n:
            pool = decoder.table(entries).join(outcome)
            rows = self.calibration.thinned(pool, n, draw.seed)
            noise, record = noise[rows], records_of(record, rows)
            outcome = outcome.iloc[rows.numpy()].reset_index(drop=True)
            decoder = self.record_decoder.beside(outcome)
        return self.calibration.move(noise, record, decoder, outcome, draw.seed)

    def noise_and_records(self, draw: Draw) -> tuple[Tensor, Records]:
        """(n, k) standard normal noise of a draw, and the records as a function of it."""
        placement = self.latents.place(draw)
        width = placement.centre.shape[1]
        extra = self.residuals.noise_width(self.decoder)
        generator = torch.Generator().manual_seed(draw.seed)

        def record(noise: Tensor, rows: Tensor) -> Tensor:
            latent = placement(noise[:, :width], rows).to(self.decoder.device)
            return self.residuals.record(self.decoder, latent, noise[:, width:].to(latent)).cpu()

        return torch.randn(draw.n, width + extra, generator=generator), record
