"""The keys of the privacy audit."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.settings import InputError, at_least

NODE = "evaluation.privacy"
SHARES = ("nndr_percentile", "planted_share", "vulnerable_share")


@dataclass(frozen=True)
class PrivacySettings:
    """The node ``privacy`` of ``conf/evaluation``; each key is described there."""

    seed: int
    permutations: int
    bootstraps: int
    nndr_percentile: float
    tolerance: float
    attribute: bool
    membership_splits: int
    membership_components: int
    membership_rows: int
    vulnerable_share: float
    outlier_neighbours: int
    min_vulnerable: int
    power_replicates: int
    planted_share: float
    small_cell: int

    def __post_init__(self) -> None:
        minima = {
            "seed": 0, "permutations": 20, "bootstraps": 20, "tolerance": 0,
            "membership_splits": 0, "membership_components": 1, "membership_rows": 10,
            "outlier_neighbours": 1, "min_vulnerable": 1, "power_replicates": 0, "small_cell": 1,
        }  # fmt: skip
        for name, minimum in minima.items():
            at_least(f"{NODE}.{name}", getattr(self, name), minimum)
        for name in SHARES:
            at_least(f"{NODE}.{name}", getattr(self, name), 0)
            if getattr(self, name) >= 1:
                value = getattr(self, name)
                raise InputError(f"{NODE}.{name} is {value}; it is a share below 1")
