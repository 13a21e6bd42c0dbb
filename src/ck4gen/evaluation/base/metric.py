"""A metric: a number with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import SupportsFloat

import numpy as np

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


def number(
    value: SupportsFloat,
    low: float | None = None,
    high: float | None = None,
    reason: str | None = None,
) -> Metric:
    """A metric of plain floats; a value that is not finite becomes None with a reason."""
    if not np.isfinite(float(value)):
        return Metric(None, reason=reason or "not finite on these tables")
    low, high = (None if end is None else float(end) for end in (low, high))
    return Metric(float(value), low, high, reason)


def absent(names: Iterable[str], reason: str) -> dict[str, Metric]:
    """The same reason for several metrics."""
    return {name: Metric(None, reason=reason) for name in names}


def reason_of(error: Exception) -> str:
    """The reason that an error gives: its own words, and its kind where these need it."""
    plain = isinstance(error, CoxError | ValueError) and str(error)
    return plain or f"{type(error).__name__}: {error}"


def guarded(names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]) -> dict[str, Metric]:
    """``compute()``, or all of ``names`` with the reason why it failed, so that others go on."""
    try:
        metrics = compute()
    except FAULTS as error:
        metrics = absent(names, reason_of(error))
    assert set(metrics) == set(names), set(metrics) ^ set(names)
    return metrics
