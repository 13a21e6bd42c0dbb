"""From trained networks to a cohort: latents, noise, calibration, outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.methods.ck4gen.latents import GaussianMixtureLatents, ReconstructedLatents
from ck4gen.methods.ck4gen.outcomes import CopiedOutcomes, GeneratedOutcomes
from ck4gen.models.decoder_module import DecoderModule


@dataclass(frozen=True)
class Sampler:
    """Draws cohorts from a trained decoder.

    Attributes:
        decoder: The decoder.
        record_map: Post-processing of its records.
        latents: Where latents come from.
        outcomes: Where outcomes come from.
        drawn: Draw records instead of taking the decoder's means.
        calibration: Hazard calibration, None without.
    """

    decoder: DecoderModule
    record_map: RecordDecoder
    latents: ReconstructedLatents | GaussianMixtureLatents
    outcomes: CopiedOutcomes | GeneratedOutcomes
    drawn: bool
    calibration: HazardCalibration | None

    def sample(
        self, n: int, source: np.ndarray | None, seed: int
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """Draw a cohort.

        Args:
            n: Rows.
            source: (n,) training row behind each, None where latents need none.
            seed: Seed of the draw.

        Returns:
            The table, and diagnostics of the calibration.

        Raises:
            InputError: The calibrated cohort lost the information that hazard ratios need.
        """
        if self.calibration is not None:
            self.calibration.check_rows(n)
        place = self.latents.place(n, source, seed)
        width = place.centre.shape[1]
        whole = width + self.record_map.records.width * self.drawn
        noise = torch.randn(n, whole, generator=torch.Generator().manual_seed(seed))

        def record(noise: Tensor) -> Tensor:
            latent = place(noise[:, :width]).to(self.decoder.device)
            if self.drawn:
                return self.decoder.draw(latent, noise[:, width:].to(latent)).cpu()
            return self.decoder(latent).cpu()

        with torch.no_grad():
            covariates = self.record_map.table(record(noise).numpy().astype(float))
        outcome = self.outcomes.draw(covariates, source, seed)
        if self.calibration is None:
            return covariates.join(outcome), {}
        return self.calibration.move(noise, record, self.record_map, outcome)
