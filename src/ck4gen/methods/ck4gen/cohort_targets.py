"""Everything that a sampler takes from a cohort, beside what its networks learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.quantile_map import QuantileFunction
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.outcomes import FittedOutcomes, Outcomes
from ck4gen.survival.teacher import CoxTeacher


@dataclass(frozen=True)
class CohortTargets:
    """The numbers of one cohort that its synthetic tables are made to keep.

    Sampling and calibration see these and no row. They may come from another source than a
    cohort, such as published tables: whatever makes this object makes a sampler.

    Attributes:
        quantiles: Quantile function of each numeric column; empty where they are as decoded.
        outcomes: Where durations and events come from.
        calibration: Cox models, moments and the like that tables are calibrated to; None without.
    """

    quantiles: Mapping[str, QuantileFunction]
    outcomes: FittedOutcomes
    calibration: HazardCalibration | None

    @classmethod
    def of(
        cls,
        cohort: WeightedCohort,
        teachers: Mapping[int, CoxTeacher],
        outcomes: Outcomes,
        quantile_group: float | None,
        few_values: int,
        heaps: float | None,
        calibration: CalibrationSettings | None,
    ) -> CohortTargets:
        """Read them off a guarded cohort; nothing else reads its rows.

        Args:
            cohort: The training rows and their weights.
            teachers: By cause, its teacher, fitted to them; 1 is the event.
            outcomes: Settings of the outcomes.
            quantile_group: Patients averaged in a knot of a quantile function; None for none.
            few_values: Different values, at most, of a numeric that takes its own values alone.
            heaps: From which excess on round numbers are taken to be preferred; None for none.
            calibration: Settings of the calibration; None for none.

        Raises:
            InputError: The analysis to calibrate to has no finite estimate.
        """
        quantiles = {}
        if quantile_group is not None:
            quantiles = {
                name: QuantileFunction(
                    cohort.table[name].to_numpy(float),
                    cohort.weight,
                    quantile_group,
                    few_values,
                    heaps,
                )
                for name in cohort.schema.of_kind("numeric")
            }
        target = None
        if calibration is not None:
            penalizers = {cause: teacher.penalizer for cause, teacher in teachers.items()}
            target = HazardCalibration.of(cohort, penalizers, calibration)
        return cls(quantiles, outcomes.fit(cohort, teachers), target)

    def columns(self, number: int) -> dict[str, np.ndarray]:
        """By numeric column so many values, spread as the patients' are."""
        shares = (np.arange(number) + 0.5) / number
        return {name: quantile(shares) for name, quantile in self.quantiles.items()}
