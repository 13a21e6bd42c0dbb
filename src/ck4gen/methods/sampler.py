"""From trained networks to a cohort: latents, noise, calibration, outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.models.calibrated import Calibration
from ck4gen.models.decoder_module import DecoderModule
from ck4gen.models.latents import LatentDensity, RowLatents
from ck4gen.models.outcomes import CopiedOutcomes, RedrawnOutcomes
from ck4gen.models.record_map import RecordMap


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
    record_map: RecordMap
    latents: RowLatents | LatentDensity
    outcomes: CopiedOutcomes | RedrawnOutcomes
    drawn: bool
    calibration: Calibration | None

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
