"""All scores of one model's predictions for the held-out rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ck4gen.evaluation.base.metric import Metric, guarded, number
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.utility.brier import integrated_brier
from ck4gen.evaluation.utility.d_calibration import d_calibration
from ck4gen.evaluation.utility.discrimination import c_index, c_uno
from ck4gen.evaluation.utility.prediction import Prediction
from ck4gen.evaluation.utility.risk_calibration import calibration_index, risk_slope, slope
from ck4gen.survival.cox_data import CoxData

# quantiles of the held-out durations at which calibration is read; the integrated index: median
SLOPES = {"slope_25": 0.25, "slope_50": 0.5, "slope_75": 0.75}
TAILS = (0.1, 0.9)  # quantiles of the held-out event times between which IPCW metrics look
SCORES = ("c_index", "c_uno", "ibs", "slope", *SLOPES, "ici", "d_calibration")


def performance(
    prediction: Prediction, test: CoxData, real: CoxData, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Discrimination and calibration of predictions for the held-out rows.

    Args:
        prediction: Predictions for ``test``.
        test: Held-out rows.
        real: Real training rows, for the weights against censoring.
        settings: One leaf of ``conf/evaluation``.
    """
    keys = settings.utility
    quarters = np.quantile(test.duration, list(SLOPES.values()))
    predicted = 1 - prediction.survival(quarters)
    events = test.duration[test.event == 1]
    start, horizon = np.quantile(events, TAILS) if len(events) else (np.nan, np.nan)
    own_survival = prediction.own_survival(test.duration.to_numpy(float))
    risk = prediction.risk
    computed: dict[str, Callable[[], float | Metric]] = {
        "c_index": lambda: c_index(risk, test),
        "c_uno": lambda: c_uno(risk, test, real, horizon),
        "ibs": lambda: integrated_brier(prediction, test, real, start, horizon, keys.brier_times),
        "slope": lambda: slope(risk, test, settings.confidence),
        "ici": lambda: calibration_index(predicted[:, 1], test, quarters[1]),
        "d_calibration": lambda: d_calibration(
            own_survival, test.event.to_numpy(), keys.survival_bins
        ),
    }
    for index, name in enumerate(SLOPES):
        computed[name] = partial(
            risk_slope, predicted[:, index], test, quarters[index], keys.risk_bins
        )

    def metric(name: str) -> dict[str, Metric]:
        value = computed[name]()
        return {name: value if isinstance(value, Metric) else number(value)}

    metrics: dict[str, Metric] = {}
    for name in SCORES:
        metrics |= guarded((name,), partial(metric, name))
    return metrics
