"""Round numbers: whole multiples of 1, 2 and 5 times a power of ten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

LARGEST = 12  # powers of ten
SMALLEST = -9


@dataclass(frozen=True)
class RoundNumber:
    """A round number of an interval, and the numbers beside it that are as round or rounder.

    Attributes:
        value: The number.
        before: The next one below.
        after: The next one above.
    """

    value: float
    before: float
    after: float


def roundest(low: float, high: float, from_above: bool = False) -> RoundNumber | None:
    """The roundest number above ``low`` and not above ``high``; None where none is round.

    Args:
        low: Lower end, not included.
        high: Upper end, included.
        from_above: Whether the greatest of equally round ones is taken, not the least.
    """
    coarser: list[tuple[float, int]] = []
    for step, decimal_places in _steps():
        coarser.append((step, decimal_places))
        first, last = _above(low, step, decimal_places), _up_to(high, step, decimal_places)
        if first > high:
            continue
        value = last if from_above else first
        before = max(_below(value, *one) for one in coarser)
        after = min(_above(value, *one) for one in coarser)
        return RoundNumber(value, before, after)
    return None


def shortest(value: float, low: float, high: float) -> float | None:
    """A number rounded to as few digits as leave it between two others; None where none do."""
    for digits in range(1, 16):
        rounded = float(f"{value:.{digits}g}")
        if low < rounded <= high:
            return rounded
    return None


def _steps() -> Iterator[tuple[float, int]]:
    """Coarseness of round numbers, the coarsest first, each with its decimals."""
    for power in range(LARGEST, SMALLEST - 1, -1):
        for factor in (5, 2, 1):
            yield factor * 10.0**power, max(-power, 0)


def _above(number: float, step: float, decimal_places: int) -> float:
    """The least multiple above a number; a quotient may lose its last bit."""
    whole = np.floor(number / step)
    multiples = (round(float((whole + k) * step), decimal_places) for k in range(3))
    return next(multiple for multiple in multiples if multiple > number)


def _up_to(number: float, step: float, decimal_places: int) -> float:
    """The greatest multiple that is not above a number."""
    whole = np.floor(number / step)
    multiples = (round(float((whole + k) * step), decimal_places) for k in (1, 0, -1))
    return next(multiple for multiple in multiples if multiple <= number)


def _below(number: float, step: float, decimal_places: int) -> float:
    """The greatest multiple below a number."""
    return -_above(-number, step, decimal_places)
