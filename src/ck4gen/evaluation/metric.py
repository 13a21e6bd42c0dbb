"""A metric: a number with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import numpy as np

from ck4gen.evaluation.privacy.settings import PrivacySettings
from ck4gen.evaluation.privacy.verdict_settings import VerdictSettings
from ck4gen.evaluation.utility.settings import UtilitySettings
from ck4gen.settings import InputError, at_least, build
from ck4gen.survival.cox import CoxError

FAULTS = (CoxError, ArithmeticError, ValueError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Metric:
    """One entry of ``report.json``.

    Attributes:
        value: The number, None where it cannot be computed.
        low: Lower end of its interval, where it has one.
        high: Upper end.
        reason: Why there is no value, or a caveat on the value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, float | str | None]:
        """The metric as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class EvaluationSettings:
    """The keys of ``conf/evaluation``; each is described there."""

    name: str
    confidence: float
    significance: float
    schoenfeld: bool
    off_target: bool
    min_events: int
    min_rows: int
    penalizer: float
    ridge: float
    c2st_folds: int
    c2st_seed: int
    self_link: bool
    utility: UtilitySettings
    privacy: PrivacySettings
    verdict: VerdictSettings
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        nodes = {"utility": UtilitySettings, "privacy": PrivacySettings, "verdict": VerdictSettings}
        for name, cls in nodes.items():
            if not isinstance(node := getattr(self, name), cls):  # as it stands in the config
                object.__setattr__(self, name, build(cls, f"evaluation.{name}", node))
        if isinstance(self.extra, str):
            raise InputError(f"evaluation.extra is '{self.extra}'; give a list, as [{self.extra}]")
        object.__setattr__(self, "extra", tuple(self.extra))
        least = "min_events", "min_rows", "penalizer", "ridge", "c2st_folds"
        for name in ("confidence", "significance", *least):
            at_least(f"evaluation.{name}", getattr(self, name), 0)
        for name in ("confidence", "significance"):
            if not 0 < getattr(self, name) < 1:
                value = getattr(self, name)
                raise InputError(f"evaluation.{name} is {value}; it lies between 0 and 1")
        if self.c2st_folds == 1:
            raise InputError("evaluation.c2st_folds is 1; use 0 (leave it out) or at least 2")


def number(
    value: float, low: float | None = None, high: float | None = None, reason: str | None = None
) -> Metric:
    """A metric of plain floats; a value that is not finite becomes None with a reason."""
    if not np.isfinite(value):
        return Metric(None, reason=reason or "not finite on these tables")
    ends = (None if end is None else float(end) for end in (low, high))
    return Metric(float(value), *ends, reason)


def absent(names: Iterable[str], reason: str) -> dict[str, Metric]:
    """The same reason for several metrics."""
    return {name: Metric(None, reason=reason) for name in names}


def guarded(names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]) -> dict[str, Metric]:
    """``compute()``, or all of ``names`` with the reason why it failed, so that others go on."""
    try:
        found = compute()
    except FAULTS as error:
        found = absent(names, f"{type(error).__name__}: {error}")
    assert set(found) == set(names), set(found) ^ set(names)
    return found
