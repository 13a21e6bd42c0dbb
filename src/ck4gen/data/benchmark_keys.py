"""Keys of the public cohorts, checked without their classes, which cost seconds to import."""

from __future__ import annotations

from collections.abc import Mapping

from ck4gen.settings import choose, whole_number

CODINGS = ("paper", "raw")


def check_benchmark(node: Mapping) -> None:
    """Raise an InputError where a node of ``conf/data`` has a value that its class would refuse."""
    if not str(node.get("_target_")).startswith("ck4gen.data.benchmarks."):
        return
    check_coding(node["coding"])
    if "imputer_seed" in node:
        check_imputer_seed(node["imputer_seed"])


def check_coding(coding: str) -> None:
    """Raise an InputError unless public cohorts have this coding."""
    choose("data.coding", coding, CODINGS)


def check_imputer_seed(seed: int) -> None:
    """Raise an InputError unless the imputer of creatinine takes this seed."""
    whole_number("data.imputer_seed", seed, 0)
