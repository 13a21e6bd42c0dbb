"""The limits of the privacy verdict."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ck4gen.settings import InputError, at_least

NODE = "evaluation.verdict"
ABOVE_HALF = ("closer_to_train", "membership_auc")  # .5 without a leak, so a limit lies above it


@dataclass(frozen=True)
class VerdictSettings:
    """The node ``verdict`` of ``conf/evaluation``; each key is described there."""

    exact_copy: float
    dcr_ratio: float
    nndr: float
    closer_to_train: float
    self_link: float
    outcome_link_advantage: float
    attribute_advantage: float
    membership_auc: float
    min_power: float

    def __post_init__(self) -> None:
        for field in fields(self):
            lowest = 0.5 if field.name in ABOVE_HALF else 0
            value = getattr(self, field.name)
            at_least(f"{NODE}.{field.name}", value, 0)
            if not lowest < value < 1:
                raise InputError(f"{NODE}.{field.name} is {value}; it lies between {lowest} and 1")
