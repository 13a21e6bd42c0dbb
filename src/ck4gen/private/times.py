"""Private counts of events and of censored patients in stretches of time."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression

from ck4gen.private.mechanism import Mechanism


def private_times(
    time: np.ndarray, event: np.ndarray, cuts: np.ndarray, mechanism: Mechanism, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """(k,) events and (k,) censored patients between public times; noisy, never negative.

    A patient is in one of these cells. Negative counts go by the nearest cumulative count that
    does not fall, which moves no total.

    Args:
        time: (n,) times within the horizon.
        event: (n,) 1 = event, 0 = censored.
        cuts: (k + 1,) the public times.
        mechanism: The budget.
        share: What of it is spent.
    """
    stretches = len(cuts) - 1
    cell = np.searchsorted(cuts[1:-1], time, side="left") + stretches * (event == 0)
    counted = (cell[:, None] == np.arange(2 * stretches)).astype(float)
    noisy = mechanism.sum("events and censored patients in time", counted, 1.0, share)
    events, censored = (_rising(part) for part in np.split(noisy, 2))
    return events, censored


def _rising(counts: np.ndarray) -> np.ndarray:
    indices = np.arange(len(counts))
    cumulative = IsotonicRegression(y_min=0).fit_transform(indices, counts.cumsum())
    return np.diff(cumulative, prepend=0.0)
