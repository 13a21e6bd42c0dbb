"""Distributional calibration: are the predicted survival probabilities uniform?"""

from __future__ import annotations

import numpy as np
from scipy import stats

SMALLEST = 1e-10  # a censored row whose survival is 0 lies in the lowest bin


def d_calibration(survival: np.ndarray, event: np.ndarray, bins: int) -> float:
    """p-value of D-calibration (Haider et al. 2020): are the S(T|x) uniform?

    Pearson's test of equal counts over equal bins of survival probability. A censored row is
    spread over the bins below its probability, as a uniform draw under it would fall; that
    makes the test conservative, the more so the more rows are censored.

    Args:
        survival: (n,) predicted survival of each row at its own time.
        event: (n,) 1 = event, 0 = censored.
        bins: Bins.
    """
    edges = np.linspace(0, 1, bins + 1)
    died = event.astype(bool)
    counts = np.histogram(survival[died], edges)[0].astype(float)
    censored = np.clip(survival[~died], SMALLEST, 1)[:, None]
    below = np.clip(censored, edges[:-1], edges[1:]) - edges[:-1]  # length of each bin below it
    counts += (below / censored).sum(0)
    expected = len(survival) / bins
    return float(stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), bins - 1))
