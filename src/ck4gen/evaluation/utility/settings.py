"""The keys of ``evaluation.utility``."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.settings import InputError, check_minima, choose

MODELS = ("coxph", "rsf", "gbcox")


@dataclass(frozen=True)
class UtilitySettings:
    """The keys of ``utility`` in ``conf/evaluation``; each is described there."""

    models: tuple[str, ...]
    penalizer: float
    max_rows: int
    seed: int
    trees: int
    min_samples_leaf: int
    time_grid: int
    stages: int
    learning_rate: float
    depth: int
    subsample: float
    risk_bins: int
    survival_bins: int
    brier_times: int

    def __post_init__(self) -> None:
        path = "evaluation.utility"
        object.__setattr__(self, "models", tuple(self.models))  # from whichever kind of list
        for model in self.models:
            choose(f"{path}.models", model, MODELS)
        check_minima(
            path, self, penalizer=0, max_rows=20, seed=0, trees=1, min_samples_leaf=1, time_grid=2,
            stages=1, learning_rate=0, depth=1, subsample=0, risk_bins=2, survival_bins=2,
            brier_times=2,
        )  # fmt: skip
        if not 0 < self.subsample <= 1:
            raise InputError(
                f"{path}.subsample is {self.subsample}; it is a share above 0, at most 1"
            )
