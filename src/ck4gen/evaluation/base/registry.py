"""What is known of each metric: stated beside the code that computes it, read here by all others.

A module states it in a tuple ``INFO``, or with :func:`metric` above a function of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

ATTRIBUTE = "__metric__"


@dataclass(frozen=True)
class MetricInfo:
    """The facts of one metric.

    Attributes:
        name: As in ``report.json``; a part ``<covariate>`` stands for any text.
        label: Heading of a column.
        meaning: What it says, in a few words.
        ideal: What a perfect generator reaches; None where nothing is best.
        digits: Decimals in a table.
        null: What it is without a leak, where that is a constant.
        needs_new_times: Whether copied times make it, or part of it, perfect by construction.
        headline: Whether the terminal shows it after a run.
    """

    name: str
    label: str
    meaning: str
    ideal: float | None = None
    digits: int = 2
    null: float | None = None
    needs_new_times: bool = False
    headline: bool = False

    def covers(self, name: str) -> bool:
        """Whether these are the facts of the metric ``name``."""
        pattern = ".+".join(map(re.escape, re.split(r"<\w+>", self.name)))
        return re.fullmatch(pattern, name) is not None


def metric(info: MetricInfo) -> Callable[[Callable], Callable]:
    """Mark ``f(real, synthetic, schema, *, ...)`` as a metric that ``evaluate`` computes."""

    def mark(function: Callable) -> Callable:
        setattr(function, ATTRIBUTE, info)
        return function

    return mark


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of ``ck4gen.evaluation``."""
    package = import_module("ck4gen.evaluation")
    entries = walk_packages(package.__path__, f"{package.__name__}.")
    return tuple(import_module(entry.name) for entry in entries)


@cache
def infos() -> dict[str, MetricInfo]:
    """Facts of the package's own metrics by name.

    Raises:
        ValueError: Two modules state the same name.
    """
    info_by_name: dict[str, MetricInfo] = {}
    for module in modules():
        marked = [getattr(value, ATTRIBUTE) for value in marked_metrics(module)]
        for info in (*getattr(module, "INFO", ()), *marked):
            if info.name in info_by_name:
                raise ValueError(f"{module.__name__} states {info.name} a second time")
            info_by_name[info.name] = info
    return info_by_name


def marked_metrics(module: ModuleType) -> list[Callable]:
    """Functions of a module, not those it imports, that :func:`metric` marks."""
    return [
        value
        for value in vars(module).values()
        if hasattr(value, ATTRIBUTE) and value.__module__ == module.__name__
    ]


def find(name: str) -> MetricInfo | None:
    """Facts of a metric of the package, None where it has no such metric."""
    if name in infos():
        return infos()[name]
    return next((info for info in infos().values() if info.covers(name)), None)
