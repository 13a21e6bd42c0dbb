"""The 5 x 2 design: random half splits, each used both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import train_test_split


@dataclass(frozen=True)
class Half:
    """One training half and the half that it is tested on, as row numbers of the cohort."""

    split: int
    train: np.ndarray
    test: np.ndarray


def halves(event: np.ndarray, repeats: int, seed: int) -> list[Half]:
    """``repeats`` random halves stratified by the event, then the same with the roles swapped.

    Args:
        event: (n,) 1 = event, 0 = censored.
        repeats: Random splits.
        seed: Seed of the splits.

    Returns:
        2 x ``repeats`` halves; those of one split follow each other.
    """
    rows = np.arange(len(event))
    drawn = []
    for split in range(repeats):
        state = int(np.random.default_rng([seed, split]).integers(2**31))
        parts = train_test_split(rows, test_size=0.5, stratify=event, random_state=state)
        first, second = map(np.sort, parts)
        drawn += [Half(split, first, second), Half(split, second, first)]
    return drawn
