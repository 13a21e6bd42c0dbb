"""What one call of ``sample`` asks for: how many rows, from which training rows, which seed."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import SupportsIndex

import numpy as np

from ck4gen.settings import InputError, whole_number


@dataclass(frozen=True)
class Draw:
    """A draw of synthetic rows.

    Attributes:
        training_rows: Rows of the training cohort.
        requested: Rows asked for; None for as many as the training cohort has.
        seed: Seed of the draw.
    """

    training_rows: int
    requested: int | None
    seed: int

    def __post_init__(self) -> None:
        check_rows(self.requested)
        whole_number("seed", self.seed, 0)

    @property
    def n(self) -> int:
        """Rows of the table."""
        return self.training_rows if self.requested is None else self.requested

    def source_rows(self) -> np.ndarray:
        """(n,) training rows: each once where no number was asked for, else with replacement."""
        generator = np.random.default_rng(self.seed)
        if self.requested is None:
            return generator.permutation(self.training_rows)
        return generator.integers(0, self.training_rows, self.n)

    def resampled_rows(self) -> np.ndarray:
        """(n,) training rows with replacement."""
        return np.random.default_rng(self.seed).integers(0, self.training_rows, self.n)

    def shuffled_rows(self, stream: int | None = None) -> np.ndarray:
        """(n,) training rows: each once where the table is as long as they are, else as above.

        Args:
            stream: Number of an order of its own; None for the order of the seed alone.
        """
        generator = np.random.default_rng(self.seed if stream is None else [self.seed, stream])
        if self.n == self.training_rows:
            return generator.permutation(self.training_rows)
        return generator.integers(0, self.training_rows, self.n)


def check_rows(n: SupportsIndex | None) -> int | None:
    """The rows asked for, also as one of numpy's numbers, as an int; None stays.

    Raises:
        InputError: It is no whole number of at least 1.
    """
    if n is not None and (isinstance(n, bool) or not isinstance(n, Integral) or n < 1):
        raise InputError(f"n_samples (--rows) is {n!r}; use a whole number of at least 1, or null")
    return None if n is None else int(n)
