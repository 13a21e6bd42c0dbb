"""The real analysis on a calibrated cohort, and what of it does not hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.calibration.real_analysis import RealAnalysis
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.table_files import as_written
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError
from ck4gen.survival.fit_around import fit_around


@dataclass(frozen=True)
class Refit:
    """The real analysis, refitted on a cohort.

    Attributes:
        max_z: Largest error of a hazard ratio, in real standard errors.
        information_kept: Information in the weakest direction, as a share of the real one.
        degenerate: Terms without an estimate in the cohort.
        met: Whether all of it is as it should be.
        covariance: (p, p) of the refit, for scores per row; None where a term has no estimate, and
            of very many terms.
        term: That of ``max_z``.
    """

    max_z: float
    information_kept: float
    degenerate: list[str]
    met: bool
    covariance: np.ndarray | None = None
    term: str = ""

    @property
    def numbers(self) -> dict[str, float]:
        """As diagnostics."""
        return {
            "calibration/max_z": self.max_z,
            "calibration/met": float(self.met),
            "calibration/information_kept": self.information_kept,
            "calibration/degenerate": float(len(self.degenerate)),
        }

    def faults(self, settings: CalibrationSettings) -> list[str]:
        """What of the real analysis the cohort does not hold."""
        faults = []
        if self.max_z > settings.max_error:
            faults.append(
                f"the hazard ratio of {self.term} is off by {self.max_z:.2f} standard errors, "
                f"more than method.calibration.max_error={settings.max_error}"
            )
        if self.degenerate:
            faults.append(
                f"the cohort has no estimate for {', '.join(self.degenerate)}, whose rows or "
                "events are too few in it"
            )
        if self.information_kept < settings.min_information:
            faults.append(
                f"the cohort keeps {self.information_kept:.3f} of the real information in its "
                "weakest direction, less than method.calibration.min_information="
                f"{settings.min_information}"
            )
        return faults


def refitted(table: pd.DataFrame, analysis: RealAnalysis, settings: CalibrationSettings) -> Refit:
    """Refit the real analysis on a cohort as it is written, and say what came out.

    Args:
        table: (n, p) covariates and outcomes.
        analysis: The real analysis.
        settings: What is accepted.

    Raises:
        InputError: The cohort has no Cox model at all.
    """
    written = as_written(table, analysis.schema)
    cohort = WeightedCohort.of(written, analysis.schema)
    design = analysis.standardise(cohort.design)
    try:
        around = fit_around(
            design,
            written[DURATION],
            written[EVENT],
            analysis.penalizer,
            settings.ridge,
            cohort.stratum,
            cohort.entry,
        )
    except CoxError as error:
        raise InputError(
            f"the calibrated cohort has no Cox model ({error}); use more rows or, where the "
            "method has it, less method.noise"
        ) from error
    fitted = [name for name in around.degenerate if name in around.fit.coefficients]
    without = fitted if len(fitted) < len(around.fit.coefficients) else []
    kept = analysis.information_kept(around.fit, len(design), without)
    term, worst = analysis.largest_error(around.fit, without)
    met = worst <= settings.max_error and not around.degenerate
    met = met and kept >= settings.min_information
    every = not around.degenerate and around.fit.axes is None
    covariance = around.fit.covariance * len(table) if every else None
    return Refit(worst, kept, around.degenerate, met, covariance, term)
