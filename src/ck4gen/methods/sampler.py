"""From trained networks to a cohort: latents, noise, calibration, outcomes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.data.files import as_written
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.models.calibration import CalibrationSettings, Solution, solve
from ck4gen.models.conditions import Conditions
from ck4gen.models.cox import CoxError, fit_cox
from ck4gen.models.decoder_module import DecoderModule
from ck4gen.models.latents import LatentDensity, RowLatents
from ck4gen.models.outcomes import CopiedOutcomes, RedrawnOutcomes
from ck4gen.models.record_map import RecordMap
from ck4gen.settings import InputError


@dataclass(frozen=True)
class Calibration:
    """The conditions of a calibration and the settings of its search."""

    conditions: Conditions
    settings: CalibrationSettings


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
        if self.calibration is not None and n < 2:
            raise InputError(f"n_samples is {n}, and a calibrated cohort has 2 rows at least")
        place = self.latents.place(n, source, seed)
        width = place.centre.shape[1]
        whole = width + self.record_map.records.width * self.drawn
        noise = torch.randn(n, whole, generator=torch.Generator().manual_seed(seed))

        def record(noise: Tensor) -> Tensor:
            latent = place(noise[:, :width]).to(self.decoder.device)
            if self.drawn:
                return self.decoder.draw(latent, noise[:, width:].to(latent)).cpu()
            return self.decoder(latent).cpu()

        def table(noise: Tensor) -> pd.DataFrame:
            with torch.no_grad():
                return self.record_map.table(record(noise).numpy().astype(float))

        if self.calibration is None:
            covariates = table(noise)
            return covariates.join(self.outcomes.draw(covariates, source, seed)), {}
        conditions, settings = self.calibration.conditions, self.calibration.settings

        def design(noise: Tensor) -> Tensor:
            return self.record_map.design(record(noise), conditions.mean, conditions.sd)

        outcome = self.outcomes.draw(table(noise), source, seed)
        errors = conditions.residuals(outcome[DURATION].to_numpy(float), outcome[EVENT].to_numpy())
        solution = solve(lambda noise: errors(design(noise)), noise, settings)
        cohort = table(solution.noise).join(outcome)
        return cohort, self._accept(cohort, solution)

    def _accept(self, cohort: pd.DataFrame, solution: Solution) -> dict[str, float]:
        """Refit the real analysis on the cohort as it is written, and say what came out."""
        conditions, settings = self.calibration.conditions, self.calibration.settings
        written = as_written(cohort, conditions.schema)
        design = conditions.standardise(conditions.schema.design(written))
        try:
            fit = fit_cox(design, written[DURATION], written[EVENT], conditions.penalizer)
        except CoxError as error:
            raise InputError(
                f"the calibrated cohort has no Cox model ({error}); use more rows or less "
                "method.noise"
            ) from error
        kept = conditions.information_kept(fit, len(design))
        if kept < settings.min_information:
            raise InputError(
                f"the calibrated cohort keeps {kept:.3f} of the real information in its weakest "
                f"direction, and method.calibration.min_information is "
                f"{settings.min_information}; use more rows or less method.noise"
            )
        worst = conditions.largest_error(fit)
        if worst > settings.max_error:
            warnings.warn(
                f"calibration was not met: a hazard ratio is off by {worst:.2f} standard errors, "
                f"more than method.calibration.max_error={settings.max_error}",
                UserWarning,
                stacklevel=2,
            )
        return {
            "calibration/max_z": worst,
            "calibration/met": float(worst <= settings.max_error),
            "calibration/information_kept": kept,
            "calibration/steps": float(solution.steps),
            **{f"calibration/{name}": value for name, value in solution.errors.items()},
            **{f"calibration/{name}": value for name, value in solution.drift.items()},
        }
