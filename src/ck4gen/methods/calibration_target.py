"""What a method is calibrated to, as it is configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ck4gen.calibration.hazard_calibration import HazardCalibration
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import packaged
from ck4gen.settings import build
from ck4gen.survival.teacher import TeacherSettings, analysis_penalizer


@dataclass(frozen=True)
class CalibrationTarget:
    """The teacher and the calibration of a method that has not seen a cohort yet."""

    teacher: TeacherSettings
    calibration: CalibrationSettings

    @classmethod
    def of(
        cls, variant: str, teacher: Mapping | None, calibration: Mapping | None
    ) -> CalibrationTarget:
        """Keys that are given, and for the others those of ``conf/method/<variant>.yaml``.

        Raises:
            InputError: A key or value is wrong; the message names the right ones.
        """
        keys = packaged(variant)
        teacher = keys["teacher"] | dict(teacher or {})
        calibration = keys["calibration"] | dict(calibration or {})
        return cls(
            build(TeacherSettings, "method.teacher", teacher),
            build(CalibrationSettings, "method.calibration", calibration),
        )

    def on(self, data: SurvivalDataModule) -> HazardCalibration:
        """The calibration to the training rows of ``data``.

        Raises:
            InputError: The analysis has no finite estimate on them.
        """
        penalizer = analysis_penalizer(
            data.cohort.design, data.train[DURATION], data.train[EVENT], self.teacher
        )
        return HazardCalibration.of(data.cohort, penalizer, self.calibration)
