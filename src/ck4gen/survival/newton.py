"""Newton-Raphson with step halving on a Cox model's penalised log partial likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ck4gen.survival.partial_likelihood import PartialLikelihood, Point

CONVERGED = 1e-8  # Newton's decrement, which bounds every step in standard errors
NEWTON_TOLERANCE = 1e-3  # the same where floats allow no better
MAX_STANDARD_ERROR = 5.0  # per SD of a term; beyond it the likelihood is monotone
ITERATIONS = 100
HALVINGS = 30


class CoxError(ArithmeticError):
    """The Cox model has no finite maximum of its partial likelihood on these data."""


class Maximum(NamedTuple):
    """Where the score is zero.

    Attributes:
        coefficients: (p,) coefficients.
        point: Value, score and information there, penalty included.
        iterations: Newton steps taken.
    """

    coefficients: np.ndarray
    point: Point
    iterations: int


def maximise(likelihood: PartialLikelihood, penalty: float, start: np.ndarray) -> Maximum:
    """Maximise the log partial likelihood minus penalty / 2 * |b|^2.

    Args:
        likelihood: On terms of SD 1.
        penalty: The ridge.
        start: (p,) where Newton starts.

    Raises:
        CoxError: The score does not vanish at a finite solution, or it vanishes because the
            likelihood is flat: a term separates the events.
    """
    here, point = start, _penalised(likelihood, penalty, start)
    for iteration in range(ITERATIONS):
        covariance = _inverse(point.information)
        step = covariance @ point.score
        decrement = np.sqrt(max(point.score @ step, 0))
        near = decrement < NEWTON_TOLERANCE
        if near and np.diag(covariance).max() > MAX_STANDARD_ERROR**2:
            raise CoxError("a term separates the events from the others")
        if decrement < CONVERGED:
            return Maximum(here, point, iteration)
        better = _halved(likelihood, penalty, here, point, step)
        if better is None:
            if near:
                return Maximum(here, point, iteration)
            break
        here, point = better
    raise CoxError("the score does not vanish at a finite solution")


def _halved(
    likelihood: PartialLikelihood, penalty: float, here: np.ndarray, point: Point, step: np.ndarray
) -> tuple[np.ndarray, Point] | None:
    """The first of step, step / 2, ... that does not lower the likelihood; None for none."""
    lowest = point.value - 1e-12 * (1 + abs(point.value))  # floats are no finer
    for halving in range(HALVINGS):
        there = here + step / 2**halving
        other = _penalised(likelihood, penalty, there)
        if other.value >= lowest:
            return there, other
    return None


def _penalised(likelihood: PartialLikelihood, penalty: float, coefficients: np.ndarray) -> Point:
    value, score, information = likelihood.at(coefficients)
    return Point(
        value - penalty / 2 * (coefficients @ coefficients),
        score - penalty * coefficients,
        information + penalty * np.eye(len(coefficients)),
    )


def _inverse(information: np.ndarray) -> np.ndarray:
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        covariance = np.full_like(information, np.nan)
    if not (np.diag(covariance) > 0).all():
        raise CoxError("the score does not vanish at a finite solution")
    return covariance
