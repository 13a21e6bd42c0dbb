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
    modules,
    own_metrics,
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

    def compute(self, *tables: object, **known: object) -> dict[str, Metric]:
        """Its value, or the reason why there is none, under its name."""
        wanted = {name: known[name] for name in self.keywords}

        def value() -> dict[str, Metric]:
            found = self.function(*tables, **wanted)
            return {self.info.name: found if isinstance(found, Metric) else number(found)}

        return guarded((self.info.name,), value)


def plugged(extra: Iterable[str] = ()) -> dict[str, Plugged]:
    """All such metrics by name.

    Args:
        extra: Dotted paths as in ``evaluation.extra``.

    Raises:
        InputError: A path leads to no marked function, or a name is taken.
    """
    found = dict(_installed())
    for path in extra:
        _add(found, path, import_named("evaluation.extra", path, "mymodule.energy_distance"))
    return found


def importable(extra: Iterable[str]) -> dict[str, Plugged]:
    """As :func:`plugged`, without what cannot be imported here, long after its run."""
    found = plugged()
    for path in extra:
        try:
            found |= plugged((path,))
        except InputError:
            continue
    return found


def facts(name: str, extra: Iterable[str] = ()) -> MetricInfo | None:
    """What is known of a metric, None where nothing is."""
    own = find(name)
    if own is not None:
        return own
    one = importable(extra).get(name)
    return one.info if one else None


@cache
def _installed() -> dict[str, Plugged]:
    """Those of this package and of the entry points."""
    own = [function for module in modules() for function in own_metrics(module)]
    found = {getattr(f, ATTRIBUTE).name: Plugged(getattr(f, ATTRIBUTE), f) for f in own}
    for entry in entry_points(group=GROUP):
        _add(found, entry.value, entry.load())
    return found


def _add(found: dict[str, Plugged], path: str, function: Callable) -> None:
    info = getattr(function, ATTRIBUTE, None)
    if info is None:
        raise InputError(
            f"'{path}' is no metric; mark the function with ck4gen.evaluation.base.registry.metric"
        )
    if info.name in found and found[info.name].function is function:
        return
    if info.name in found or info.name in infos():
        raise InputError(f"'{path}' has the name {info.name} of another metric; choose a new one")
    found[info.name] = Plugged(info, function)
