"""The keys of a guard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import Above, Below, NonNegative, Positive, check_fields


@dataclass(frozen=True)
class GuardSettings:
    """The keys of ``conf/guard``; each is described there."""

    noise: NonNegative
    cap: Annotated[float, Above(0), Below(1)] | None
    cap_rounds: Positive
    cap_tolerance: NonNegative
    most_statistics: Positive
    most_patients: Positive

    def __post_init__(self) -> None:
        check_fields("method.guard", self)
