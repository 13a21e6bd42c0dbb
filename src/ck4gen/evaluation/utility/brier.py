"""Brier score: are the survival probabilities right, and sharp?"""

from __future__ import annotations

import numpy as np
from sksurv.metrics import integrated_brier_score

from ck4gen.evaluation.utility.models import outcome
from ck4gen.evaluation.utility.prediction import Prediction
from ck4gen.survival.cox_data import CoxData


def integrated_brier(
    prediction: Prediction, test: CoxData, real: CoxData, start: float, horizon: float, points: int
) -> float:
    """Integrated Brier score (Graf et al. 1999) of the held-out rows over [start, horizon].

    Weights come from the censoring distribution of the real training rows. Follow-up of the
    held-out rows is cut just after the horizon: it does not enter the score, but
    scikit-survival would want a weight for it.

    Args:
        prediction: Predictions for the held-out rows.
        test: Held-out rows.
        real: Real training rows.
        start: First time.
        horizon: Last time.
        points: Times between them, evenly spaced.

    Raises:
        ValueError: The training rows are not followed to the horizon, or it equals the start.
    """
    if not start < horizon:
        raise ValueError("events of the held-out rows are all at the same time")
    after = np.nextafter(horizon, np.inf)
    late = test.duration > horizon
    duration = test.duration.astype(float).where(~late, after)
    cut = CoxData(test.design, duration, test.event.where(~late, 0))
    times = np.linspace(start, horizon, points)
    return integrated_brier_score(outcome(real), outcome(cut), prediction.survival(times), times)
