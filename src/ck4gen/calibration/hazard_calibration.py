"""Cohorts that satisfy the real analysis: by moved noise, or by the choice of rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.noise_search import Solution, drift, solve
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.calibration.row_selection import RowSelectionSettings, select_rows, taken
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.table_files import as_written
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError, fit_cox


@dataclass(frozen=True)
class HazardCalibration:
    """The conditions of a calibration and the settings of its search."""

    conditions: Conditions
    settings: CalibrationSettings

    @classmethod
    def of(
        cls, cohort: WeightedCohort, penalizer: float, settings: CalibrationSettings
    ) -> HazardCalibration:
        """The calibration to the analysis of these rows.

        Args:
            cohort: The training rows and their weights.
            penalizer: Ridge of the multivariable model.
            settings: HazardCalibration settings.

        Raises:
            InputError: The analysis has no finite estimate on these rows.
        """
        s = settings
        counts = s.min_events, s.cut_group, s.outcome_points
        try:
            return cls(Conditions.of(cohort, penalizer, list(s.scales), *counts), s)
        except CoxError as error:
            raise InputError(
                f"the Cox model to calibrate to cannot be fitted ({error}); drop or merge the "
                f"columns at fault, or set method.teacher.penalizer above {penalizer:g}"
            ) from error

    def check_rows(self, n: int) -> None:
        """Raise an InputError where ``n`` rows are too few."""
        if n < 2:
            raise InputError(f"n_samples is {n}, and a calibrated cohort has 2 rows at least")

    def move(
        self,
        noise: Tensor,
        record: Callable[[Tensor], Tensor],
        record_decoder: RecordDecoder,
        outcome: pd.DataFrame,
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """The cohort of a frozen network whose noise is moved, outcomes as they are.

        Args:
            noise: (n, k) standard normal draw to start from.
            record: Noise -> (n, q) record, with gradient.
            record_decoder: Post-processing of the record.
            outcome: (n, 2) outcomes of the rows.

        Returns:
            The table, and diagnostics.

        Raises:
            InputError: The cohort lost the information that hazard ratios need.
        """
        analysis, reach = self.conditions.analysis, self.settings.reach
        times, events = outcome[DURATION].to_numpy(float), outcome[EVENT].to_numpy()
        errors = self.conditions.residuals(times, events)

        def error(noise: Tensor) -> dict[str, Tensor]:
            return errors(record_decoder.design(record(noise), analysis.mean, analysis.sd, reach))

        def search(start: Tensor) -> tuple[pd.DataFrame, Solution]:
            solution = solve(error, start, self.settings)
            with torch.no_grad():
                values = record(solution.noise).numpy().astype(float)
            return record_decoder.table(values).join(outcome), solution

        return self._searched(search, noise)

    def choose(
        self, pool: pd.DataFrame, n: int, settings: RowSelectionSettings, seed: int
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """``n`` rows of ``pool``, none of them twice.

        Args:
            pool: Candidate rows: covariates, duration and event.
            n: Rows wanted.
            settings: Settings of the choice.
            seed: Seed of the rows that the search starts from.

        Returns:
            The table, and diagnostics.

        Raises:
            InputError: The cohort lost the information that hazard ratios need.
        """
        analysis = self.conditions.analysis
        z = analysis.standardise(analysis.schema.design(pool))
        design = torch.from_numpy(z.to_numpy())
        errors = self.conditions.residuals(pool[DURATION].to_numpy(float), pool[EVENT].to_numpy())
        start = torch.randn(len(pool), 1, generator=torch.Generator().manual_seed(seed))

        def search(start: Tensor) -> tuple[pd.DataFrame, Solution]:
            chosen, solution = select_rows(
                lambda weight: errors(design, weight), start, n, self.settings, settings
            )
            return pool[chosen], solution

        cohort, found = self._searched(search, start)
        kept = taken(start, n).numpy()[pool.index.get_indexer(cohort.index)].sum() / n
        return cohort.reset_index(drop=True), found | {"calibration/replaced": float(1 - kept)}

    def _searched(
        self, search: Callable[[Tensor], tuple[pd.DataFrame, Solution]], draw: Tensor
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """The best cohort of searches, each from the noise of the last, until one is met.

        With the learning rate as at first (a warm restart, Loshchilov and Hutter 2017).
        """
        rounds: list[tuple[dict[str, float], pd.DataFrame, Solution]] = []
        noise = draw
        while len(rounds) < self.settings.rounds:
            cohort, solution = search(noise)
            judged, noise = self._judged(cohort), solution.noise
            rounds.append((judged, cohort, solution))
            if judged["calibration/met"]:
                break
        judged, cohort, best = min(rounds, key=lambda made: made[0]["calibration/max_z"])
        if not judged["calibration/met"]:
            warnings.warn(
                f"calibration was not met: a hazard ratio is off by "
                f"{judged['calibration/max_z']:.2f} standard errors, more than "
                f"method.calibration.max_error={self.settings.max_error}",
                UserWarning,
                stacklevel=2,
            )
        steps = float(sum(solution.steps for _, _, solution in rounds))
        found = {"steps": steps, **best.errors, **drift(best.noise, draw)}
        return cohort, judged | {f"calibration/{name}": value for name, value in found.items()}

    def _judged(self, cohort: pd.DataFrame) -> dict[str, float]:
        """Refit the real analysis on the cohort as it is written, and say what came out."""
        analysis, settings = self.conditions.analysis, self.settings
        written = as_written(cohort, analysis.schema)
        design = analysis.standardise(analysis.schema.design(written))
        try:
            fit = fit_cox(design, written[DURATION], written[EVENT], analysis.penalizer)
        except CoxError as error:
            raise InputError(
                f"the calibrated cohort has no Cox model ({error}); use more rows or, where the "
                "method has it, less method.noise"
            ) from error
        kept = analysis.information_kept(fit, len(design))
        if kept < settings.min_information:
            raise InputError(
                f"the calibrated cohort keeps {kept:.3f} of the real information in its weakest "
                f"direction, and method.calibration.min_information is "
                f"{settings.min_information}; use more rows or, where the method has it, less "
                "method.noise"
            )
        worst = analysis.largest_error(fit)
        return {
            "calibration/max_z": worst,
            "calibration/met": float(worst <= settings.max_error),
            "calibration/information_kept": kept,
        }
