"""The keys of a hazard calibration."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.calibration.conditions import CONDITIONS
from ck4gen.constraints import Natural, NonNegative, Positive, check_fields
from ck4gen.settings import InputError, at_least


@dataclass(frozen=True)
class CalibrationSettings:
    """The keys of ``conf/calibration``; each is described there."""

    conditions: dict[str, float]
    min_events: Positive
    cut_group: Positive
    outcome_points: Positive
    most_terms: Positive
    steps: Natural
    rounds: Positive
    learning_rate: NonNegative
    noise_weight: NonNegative
    reach: NonNegative
    max_error: NonNegative
    min_information: NonNegative
    ridge: NonNegative

    def __post_init__(self) -> None:
        path = "method.calibration"
        for name, scale in self.conditions.items():
            if name not in CONDITIONS:
                raise InputError(
                    f"{path}.conditions has '{name}'; choose of {', '.join(CONDITIONS)}"
                )
            if scale is not None:
                at_least(f"{path}.conditions.{name}", scale, 1e-6)
        if not self.scales:
            raise InputError(f"{path}.conditions is empty; give cox a scale, or drop {path}")
        check_fields(path, self)

    @property
    def scales(self) -> dict[str, float]:
        """The conditions that are used, each with its scale in standard errors."""
        return {name: scale for name, scale in self.conditions.items() if scale is not None}
