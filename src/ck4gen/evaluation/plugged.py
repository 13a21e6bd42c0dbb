"""Metrics that are one marked function: of this package, of a plug-in, or named in the config."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from inspect import signature

from ck4gen.evaluation.base.metric import Metric, guarded, number
from ck4gen.evaluation.base.registry import (
    ATTRIBUTE,
    MetricInfo,
    find,
    infos,
    marked_metrics,
    modules,
)
from ck4gen.settings import InputError, import_named

GROUP = "ck4gen.metrics"  # entry points of installed packages


@dataclass(frozen=True)
class Plugged:
    """A function ``f(real, synthetic, schema, *, ...) -> float | Metric`` and its facts.

    Attributes:
        info: What is known of it.
        function: It may name ``settings``, ``holdout`` and ``source`` as keywords.
    """

    info: MetricInfo
    function: Callable[..., float | Metric]

    @property
    def keywords(self) -> set[str]:
        """What it asks for besides the two tables and their schema."""
        return set(signature(self.function).parameters) & {"settings", "holdout", "source"}

    def compute(self, *tables: object, **arguments: object) -> dict[str, Metric]:
        """Its value, or the reason why there is none, under its name."""
        selected = {name: arguments[name] for name in self.keywords}

        def value() -> dict[str, Metric]:
            result = self.function(*tables, **selected)
            return {self.info.name: result if isinstance(result, Metric) else number(result)}

        return guarded((self.info.name,), value)


def plugged(extra: Iterable[str] = ()) -> dict[str, Plugged]:
    """All such metrics by name.

    Args:
        extra: Dotted paths as in ``evaluation.extra``.

    Raises:
        InputError: A path leads to no marked function, or a name is taken.
    """
    metric_by_name = dict(_installed())
    for path in extra:
        _add(
            metric_by_name, path, import_named("evaluation.extra", path, "mymodule.energy_distance")
        )
    return metric_by_name


def importable(extra: Iterable[str]) -> dict[str, Plugged]:
    """As :func:`plugged`, without what cannot be imported here, long after its run."""
    metric_by_name = plugged()
    for path in extra:
        try:
            metric_by_name |= plugged((path,))
        except InputError:
            continue
    return metric_by_name


def facts(name: str, extra: Iterable[str] = ()) -> MetricInfo | None:
    """What is known of a metric, None where nothing is."""
    info = find(name)
    if info is not None:
        return info
    one = importable(extra).get(name)
    return one.info if one else None


@cache
def _installed() -> dict[str, Plugged]:
    """Those of this package and of the entry points."""
    functions = [function for module in modules() for function in marked_metrics(module)]
    metric_by_name = {
        getattr(f, ATTRIBUTE).name: Plugged(getattr(f, ATTRIBUTE), f) for f in functions
    }
    for entry in entry_points(group=GROUP):
        _add(metric_by_name, entry.value, entry.load())
    return metric_by_name


def _add(metric_by_name: dict[str, Plugged], path: str, function: Callable) -> None:
    info = getattr(function, ATTRIBUTE, None)
    if info is None:
        raise InputError(
            f"'{path}' is no metric; mark the function with ck4gen.evaluation.base.registry.metric"
        )
    if info.name in metric_by_name and metric_by_name[info.name].function is function:
        return
    if info.name in metric_by_name or info.name in infos():
        raise InputError(f"'{path}' has the name {info.name} of another metric; choose a new one")
    metric_by_name[info.name] = Plugged(info, function)
