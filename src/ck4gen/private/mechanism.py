"""The one place where rows of a cohort become numbers under the formal guarantee."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from math import sqrt
from types import ModuleType

import numpy as np

from ck4gen.settings import InputError, at_least

GRID = 2**20  # steps of the grid on which sums are made, in one bound
NEEDED = 'the formal guarantee needs two packages more: pip install "ck4gen[private]"'


@dataclass(frozen=True)
class Spent:
    """One private release, as the ledger lists it.

    Attributes:
        name: What was released.
        numbers: How many numbers.
        sensitivity: Most by which one patient changes them together, in the L2 norm.
        noise: SD of the Gaussian noise in each.
        mu: What they spend: mu of Gaussian differential privacy; spent ones add up in squares.
    """

    name: str
    numbers: int
    sensitivity: float
    noise: float
    mu: float


@dataclass
class Mechanism:
    """Noisy sums over patients, under one budget.

    A release is a sum over patients of vectors that are cut to a norm, plus Gaussian noise: the
    Gaussian mechanism, of which any sequence is again one with the root of the summed squares
    (Dong, Roth and Su 2022). The neighbouring cohort lacks one patient, or has one more. Sums are
    made in whole steps of a grid, and the noise is drawn exactly on it (Canonne, Kamath and Steinke
    2020), from the operating system's source of randomness; so nothing hangs on rounding (Mironov
    2012).

    Args:
        epsilon: Budget.
        delta: Probability with which the budget may fail.

    Attributes:
        ledger: What was released so far.
    """

    epsilon: float
    delta: float
    ledger: list[Spent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mu = total_mu(self.epsilon, self.delta)

    @property
    def spent(self) -> float:
        """Mu of all releases together."""
        return sqrt(sum(line.mu**2 for line in self.ledger))

    def noise(self, bound: float, share: float) -> float:
        """SD of the noise in a sum of rows within ``bound``, for such a share of the budget."""
        return bound / (self.mu * sqrt(share))

    def sum(self, name: str, rows: np.ndarray, bound: float, share: float) -> np.ndarray:
        """(n, k) vectors, one a patient -> (k,) their noisy sum.

        Args:
            name: What they are, for the ledger.
            rows: What each patient adds; a row must be a function of this patient and of earlier
                releases alone.
            bound: Rows with a larger L2 norm are cut to it.
            share: Share of the budget's mu^2 that it spends.

        Returns:
            The sum with noise of SD ``bound / mu``.

        Raises:
            RuntimeError: The budget does not hold it.
        """
        mu, noise = self.mu * sqrt(share), self.noise(bound, share)
        if self.spent**2 + mu**2 > self.mu**2 * (1 + 1e-9):
            raise RuntimeError(f"'{name}' would spend more than the budget")
        self.ledger.append(Spent(name, rows.shape[1], bound, noise, mu))
        steps = in_steps(rows, bound).sum(0)
        return (steps + drawn(rows.shape[1], noise / bound * GRID)) * (bound / GRID)

    def to_state(self) -> dict:
        """The account, for the report and the file of the release."""
        return {
            "epsilon": self.epsilon,
            "delta": self.delta,
            "neighbours": "cohorts that differ by one patient, added or removed",
            "mu": self.mu,
            "spent_mu": self.spent,
            "releases": [asdict(line) for line in self.ledger],
        }


def in_steps(rows: np.ndarray, bound: float) -> np.ndarray:
    """(n, k) vectors -> whole steps of the grid, none of them longer than ``bound``.

    A row with an entry that is no number counts as zero.
    """
    rows = np.where(np.isfinite(rows).all(1, keepdims=True), rows, 0.0)
    largest = np.abs(rows).max(1, keepdims=True).clip(np.finfo(float).tiny)
    with np.errstate(over="ignore"):  # an endless norm is cut to nothing
        norm = np.linalg.norm(rows / largest, axis=1, keepdims=True) * largest
    steps = np.trunc(rows / np.maximum(norm, bound) * GRID).astype(np.int64)
    # rounding of the norm itself: what is still too long loses a step in each entry
    while (longer := (steps**2).sum(1) > GRID**2).any():
        steps[longer] -= np.sign(steps[longer])
    return steps


def clipped(rows: np.ndarray, bound: float) -> np.ndarray:
    """(n, k) vectors, those of a larger norm cut to it: :func:`in_steps` without the grid."""
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    cut: np.ndarray = rows * np.minimum(1.0, bound / np.maximum(norm, 1e-300))
    return cut


def drawn(numbers: int, scale: float) -> np.ndarray:
    """Exact discrete Gaussian noise, in steps of the grid.

    Args:
        numbers: How many.
        scale: Their SD.

    Raises:
        InputError: The package that draws it is not installed.
    """
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return np.array(dp.m.make_gaussian(*space, scale=scale)([0] * numbers), dtype=np.int64)


def check_budget(epsilon: float, delta: float) -> None:
    """Raise an InputError unless a method's keys can be a budget."""
    at_least("method.epsilon", epsilon, 0.01)
    if not isinstance(delta, float) or not 0 < delta < 0.01:
        raise InputError(f"method.delta is {delta}; it is a probability, as 1.0e-5")


def total_mu(epsilon: float, delta: float) -> float:
    """Mu at which a Gaussian mechanism has (epsilon, delta) (Balle and Wang 2018).

    Raises:
        InputError: The accountant is not installed.
    """
    return 1 / float(accountant().get_sigma_gaussian(epsilon, delta))


def total_epsilon(mu: float, delta: float) -> float:
    """Epsilon, at this delta, of releases that spend mu together: those of several runs, say.

    Raises:
        InputError: The accountant is not installed.
    """
    return float(accountant().get_epsilon_gaussian(1 / mu, delta))


def accountant() -> ModuleType:
    """The package that turns noise into epsilon.

    Raises:
        InputError: It is not installed.
    """
    try:
        import dp_accounting  # a second, and a package of an extra
        from absl import logging as its_logging
    except ImportError as error:
        raise InputError(NEEDED) from error
    # its handler would close whatever stderr was at this moment when logging is set up anew
    its_logging.get_absl_handler().python_handler.stream = sys.__stderr__
    return dp_accounting


def _opendp() -> ModuleType:
    try:
        import opendp.prelude as dp  # seconds, and a package of an extra
    except ImportError as error:
        raise InputError(NEEDED) from error
    dp.enable_features("contrib")
    return dp
