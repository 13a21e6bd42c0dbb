"""The keys of a hazard calibration."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.calibration.conditions import CONDITIONS
from ck4gen.settings import InputError, at_least, check_minima


@dataclass(frozen=True)
class CalibrationSettings:
    """The keys of ``conf/calibration``; each is described there."""

    conditions: dict[str, float]
    min_events: int
    cut_group: int
    outcome_points: int
    steps: int
    rounds: int
    learning_rate: float
    noise_weight: float
    reach: float
    max_error: float
    min_information: float

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
        check_minima(
            path,
            self,
            min_events=1,
            cut_group=1,
            outcome_points=1,
            steps=0,
            rounds=1,
            learning_rate=0,
            noise_weight=0,
            reach=0,
            max_error=0,
            min_information=0,
        )

    @property
    def scales(self) -> dict[str, float]:
        """The conditions that are used, each with its scale in standard errors."""
        return {name: scale for name, scale in self.conditions.items() if scale is not None}
