"""Concordance: does the model rank patients rightly?"""

from __future__ import annotations

import numpy as np
from sksurv.metrics import concordance_index_censored, concordance_index_ipcw

from ck4gen.evaluation.utility.models import outcome
from ck4gen.survival.cox_data import CoxData


def c_index(risk: np.ndarray, test: CoxData) -> float:
    """Harrell's C: share of comparable pairs in the right order, tied scores one half."""
    return concordance_index_censored(test.event.to_numpy(bool), test.duration, risk)[0]


def c_uno(risk: np.ndarray, test: CoxData, real: CoxData, horizon: float) -> float:
    """Uno's C (2011): pairs weighted by inverse probability of censoring, up to ``horizon``.

    Args:
        risk: (n,) scores of the held-out rows, higher is worse.
        test: Held-out rows.
        real: Real training rows, which give the censoring distribution.
        horizon: Events after it are not used: their weights explode.

    Raises:
        ValueError: Everyone is censored before the horizon in the training rows.
    """
    return concordance_index_ipcw(outcome(real), outcome(test), risk, tau=horizon)[0]
