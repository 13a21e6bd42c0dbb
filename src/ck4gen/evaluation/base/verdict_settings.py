"""The limits of the privacy verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import Between, Share, check_fields

AboveHalf = Annotated[float, Between(0.5, 1)]  # 0.5 without a leak, so a limit lies above it


@dataclass(frozen=True)
class VerdictSettings:
    """The node ``verdict`` of ``conf/evaluation``; each key is described there."""

    exact_copy: Share
    dcr_ratio: Share
    nndr: Share
    closer_to_train: AboveHalf
    self_link: Share
    outcome_link_advantage: Share
    attribute_advantage: Share
    membership_auc: AboveHalf
    min_power: Share

    def __post_init__(self) -> None:
        check_fields("evaluation.verdict", self)
