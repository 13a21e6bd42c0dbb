"""How precisely values were written down."""

from __future__ import annotations

import numpy as np

MAX_DECIMALS = 6


def decimals(values: np.ndarray) -> int:
    """Fewest decimals (at most 6) that write every value exactly."""
    for digits in range(MAX_DECIMALS):
        if np.allclose(np.round(values, digits), values, rtol=0, atol=1e-9):
            return digits
    return MAX_DECIMALS
