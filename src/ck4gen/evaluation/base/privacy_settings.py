"""The keys of the privacy audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import AtLeast, Below, Natural, NonNegative, Positive, check_fields
from ck4gen.settings import InputError

Resamples = Annotated[int, AtLeast(20)]  # fewer give no interval
Part = Annotated[float, AtLeast(0), Below(1)]


@dataclass(frozen=True)
class PrivacySettings:
    """The node ``privacy`` of ``conf/evaluation``; each key is described there."""

    seed: Natural
    permutations: Resamples
    bootstraps: Resamples
    nndr_percentile: Part
    tolerance: NonNegative
    most_targets: Annotated[int, AtLeast(100)]
    attribute: bool
    membership_splits: Natural
    membership_components: Positive
    membership_rows: Annotated[int, AtLeast(10)]
    vulnerable_share: Part
    outlier_neighbours: Positive
    min_vulnerable: Positive
    power_replicates: Natural
    planted_share: Part
    small_cell: Positive
    criteria: bool
    guesses: Positive
    guess_columns: Positive
    link_neighbours: Positive
    link_splits: Positive
    statistics: Positive
    key_bands: Annotated[int, AtLeast(2)]
    keys: tuple[str, ...] = ()
    population: Positive | None = None

    def __post_init__(self) -> None:
        if isinstance(self.keys, str):
            raise InputError(
                f"evaluation.privacy.keys is '{self.keys}'; give a list, [{self.keys}]"
            )
        object.__setattr__(self, "keys", tuple(self.keys))
        check_fields("evaluation.privacy", self)
