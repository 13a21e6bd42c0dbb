"""The keys of ``evaluation.utility``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import AtLeast, Natural, NonNegative, Positive, check_fields
from ck4gen.settings import InputError, choose

AtLeastTwo = Annotated[int, AtLeast(2)]
MODELS = ("coxph", "rsf", "gbcox")


@dataclass(frozen=True)
class UtilitySettings:
    """The keys of ``utility`` in ``conf/evaluation``; each is described there."""

    models: tuple[str, ...]
    penalizer: NonNegative
    max_rows: Annotated[int, AtLeast(20)]
    test_rows: Annotated[int, AtLeast(20)]
    seed: Natural
    trees: Positive
    min_samples_leaf: Positive
    time_grid: AtLeastTwo
    stages: Positive
    learning_rate: NonNegative
    depth: Positive
    subsample: float
    risk_bins: AtLeastTwo
    survival_bins: AtLeastTwo
    brier_times: AtLeastTwo

    def __post_init__(self) -> None:
        path = "evaluation.utility"
        object.__setattr__(self, "models", tuple(self.models))  # from whichever kind of list
        for model in self.models:
            choose(f"{path}.models", model, MODELS)
        check_fields(path, self)
        if not 0 < self.subsample <= 1:
            raise InputError(
                f"{path}.subsample is {self.subsample}; it is a share above 0, at most 1"
            )
