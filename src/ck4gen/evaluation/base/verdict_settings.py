"""The level and the limits of the privacy verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import Between, Share, check_fields

Area = Annotated[float, Between(0.5, 1)]  # 0.5: the attacker can't tell
Power = Annotated[float, Between(0.5, 1)]


@dataclass(frozen=True)
class VerdictSettings:
    """The node ``verdict`` of ``conf/evaluation``; each key is described there."""

    level: Share
    power: Power
    adjustment: Share
    copies: Share
    self_link: Share
    outcome_link: Share
    attribute: Share
    membership: Share
    worst_case_mean: Area
    worst_case_max: Area

    def __post_init__(self) -> None:
        check_fields("evaluation.verdict", self)
