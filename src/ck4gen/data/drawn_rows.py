"""Some rows of a large cohort, for what takes too long on all of them."""

from __future__ import annotations

import numpy as np

RANKED = 20_000  # patients whose ranks are compared, at most: its time grows with their square


def drawn_rows(rows: int, most: int, seed: int) -> np.ndarray:
    """Places of at most ``most`` of ``rows`` rows, drawn at random, in their order.

    Args:
        rows: Rows of the cohort.
        most: Rows wanted; where the cohort has no more, all of them.
        seed: Seed of the draw.
    """
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
