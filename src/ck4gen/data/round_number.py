"""The roundest number of an interval, so that no rule states the value of one patient."""

from __future__ import annotations

import numpy as np


def roundest(low: float, high: float) -> float:
    """The number with the fewest decimals above ``low`` and not above ``high``."""
    for decimal_places in range(-6, 16):
        unit = 10.0**-decimal_places
        number = round((np.floor(low / unit) + 1) * unit, max(decimal_places, 0))
        if low < number <= high:
            return float(number)
    return float(high)
