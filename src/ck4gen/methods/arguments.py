"""What a method was made with, so that it can be shown and made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from inspect import Parameter, signature
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ck4gen.calibration.hazard_calibration import HazardCalibration


def bound_arguments(cls: type, args: tuple, keys: Mapping[str, object]) -> dict[str, object]:
    """What ``cls(*args, **keys)`` gives each parameter, further keywords by their own names."""
    class_signature = signature(cls)
    arguments = dict(class_signature.bind_partial(*args, **keys).arguments)
    for name, parameter in class_signature.parameters.items():
        if parameter.kind is Parameter.VAR_KEYWORD:
            arguments |= arguments.pop(name, {})
    return arguments


def calibrated_arguments(
    arguments: dict[str, object] | None, calibration: HazardCalibration | None
) -> dict[str, object] | None:
    """Arguments of a copy with this calibration; None where no arguments make such a copy."""
    if arguments is None or calibration is None:
        return None
    return arguments | {
        "teacher": {"penalizer": calibration.conditions.analysis.penalizer},
        "calibration": asdict(calibration.settings),
    }
