"""What a method is calibrated to, as it is configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.guard.settings import GuardSettings
from ck4gen.methods.base import packaged
from ck4gen.models.training import Training
from ck4gen.settings import build
from ck4gen.survival.teacher_settings import TeacherSettings

if TYPE_CHECKING:
    from ck4gen.calibration.hazard_calibration import HazardCalibration
    from ck4gen.guard.guard import Guarded


@dataclass(frozen=True)
class CalibrationTarget:
    """The teacher, the calibration and the guard of a method that has not seen a cohort yet.

    The guard is that of the numbers which tables are calibrated to; the generator itself sees the
    rows as they are, and its own tables have a bootstrap's noise or more.
    """

    teacher: TeacherSettings
    calibration: CalibrationSettings
    guard: GuardSettings | None

    @classmethod
    def of(
        cls,
        variant: str,
        teacher: Mapping | None,
        calibration: Mapping | None,
        guard: Mapping | None = None,
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
            build(GuardSettings, "method.guard", keys["guard"] | dict(guard or {})),
        )

    def on(self, data: SurvivalDataModule, training: Training) -> tuple[HazardCalibration, Guarded]:
        """The calibration to the training rows of ``data``, and these behind their guard.

        Raises:
            InputError: The analysis has no finite estimate on them.
        """
        # SciPy and torch, which take seconds: a wrong key is refused without them
        from ck4gen.calibration.hazard_calibration import HazardCalibration
        from ck4gen.methods.guarding import behind_guard

        guarded, penalizers = behind_guard(data, self.teacher, self.guard, training)
        return HazardCalibration.of(guarded.cohort, penalizers, self.calibration), guarded
