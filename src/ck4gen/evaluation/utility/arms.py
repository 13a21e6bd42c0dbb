"""The arms: a model trained on R, on S, or on both, and tested on the held-out rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from ck4gen.data.drawn_rows import drawn_rows
from ck4gen.data.schema import EVENT, Schema
from ck4gen.evaluation.base.metric import FAULTS, Metric, absent, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.remembered import remembered
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.utility.models import fit
from ck4gen.evaluation.utility.performance import SCORES, performance
from ck4gen.survival.cox_data import CoxData, cox_data

ARMS = ("trtr", "tstr", "augmented")
IDEALS = {"c_index": 1, "c_uno": 1, "ibs": 0, "ici": 0, "d_calibration": None}  # others: slopes, 1
INFO = (
    *(
        MetricInfo(
            f"utility/{arm}/<model>/{score}",
            f"{score}, {arm}",
            f"{score} of models trained on the rows of {arm}",
            ideal=IDEALS.get(score, 1),
            digits=3 if score == "ibs" else 2,
        )
        for arm in ARMS
        for score in SCORES
    ),
    MetricInfo(
        "utility/loss/<model>/c_index", "Loss of C", "what synthetic rows cost", ideal=0, digits=3
    ),
    MetricInfo("utility/gain/<model>/c_index", "Gain in C", "what added rows bring", digits=3),
    MetricInfo(
        "utility/gain/<model>/slope_error",
        "Gain in slope",
        "what they bring to the slope",
        digits=3,
    ),
)


def names(model: str) -> tuple[str, ...]:
    """Names of all metrics of one downstream model."""
    return (
        *(f"utility/{arm}/{model}/{score}" for arm in ARMS for score in SCORES),
        f"utility/loss/{model}/c_index",
        f"utility/gain/{model}/c_index",
        f"utility/gain/{model}/slope_error",
    )


def utility(
    model: str,
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    """One downstream model in every arm.

    Args:
        model: ``coxph``, ``rsf`` or ``gbcox``.
        real: Training rows R.
        synthetic: Synthetic rows S.
        holdout: Held-out rows H, None where there are none.
        schema: Columns of all three.
        settings: One leaf of ``conf/evaluation``.

    Returns:
        :func:`names`; an arm whose model cannot be fitted has reasons instead of values.
    """
    if holdout is None:
        return absent(names(model), "no patients were held out")
    schema = schema.unstratified  # a prediction model needs the strata as well
    holdout, caveat = _scored(holdout, settings)
    test, base = cox_data(holdout, real, schema), cox_data(real, real, schema)
    metrics, start = _of_patients(model, real, holdout, schema, settings)
    for arm, rows in (("tstr", synthetic), ("augmented", pd.concat([real, synthetic]))):
        train = partial(cox_data, rows, real, schema)
        scores, reached = _arm(arm, model, train, test, base, settings, start)
        start = start if reached is None else reached  # models of one cohort are near each other
        metrics = metrics | scores
    metrics = {name: _with_caveat(metric, caveat) for name, metric in metrics.items()}
    return metrics | _differences(model, metrics)


def _scored(holdout: pd.DataFrame, settings: EvaluationSettings) -> tuple[pd.DataFrame, str | None]:
    """The held-out rows that predictions are scored on, and what to say where these are some.

    The variance of a share of pairs in order is C (1 - C) / k at most, k the smaller number of
    events and of others (Birnbaum and Klose 1957).
    """
    rows = drawn_rows(len(holdout), settings.utility.test_rows, settings.utility.seed)
    if len(rows) == len(holdout):
        return holdout, None
    some = holdout.iloc[rows].reset_index(drop=True)
    events = int((some[EVENT] == 1).sum())
    error = 0.5 / max(min(events, len(some) - events), 1) ** 0.5
    caveat = f"scored on {len(some)} of {len(holdout)} held-out rows, drawn at random"
    return some, f"{caveat}; the standard error of a C-index is at most {error:.3f}"


@remembered
def _of_patients(
    model: str,
    real: pd.DataFrame,
    holdout: pd.DataFrame,
    schema: Schema,
    settings: EvaluationSettings,
) -> tuple[dict[str, Metric], pd.Series | None]:
    """The arm without a synthetic row, and the coefficients of its Cox model."""
    test, base = cox_data(holdout, real, schema), cox_data(real, real, schema)
    return _arm("trtr", model, lambda: base, test, base, settings)


def _arm(
    arm: str,
    model: str,
    train: Callable[[], CoxData],
    test: CoxData,
    base: CoxData,
    settings: EvaluationSettings,
    start: pd.Series | None = None,
) -> tuple[dict[str, Metric], pd.Series | None]:
    """Scores of a model of these rows on the held-out ones, and its coefficients if it has any."""
    prefix = f"utility/{arm}/{model}/"
    try:
        fitted = fit(model, train(), settings.utility, start)
        prediction = fitted.predict(test.design)
    except FAULTS as error:
        return absent([prefix + score for score in SCORES], f"no {model} model: {error}"), None
    scores = {
        prefix + name: _with_caveat(metric, fitted.caveat)
        for name, metric in performance(prediction, test, base, settings).items()
    }
    return scores, fitted.coefficients


def _with_caveat(metric: Metric, caveat: str | None) -> Metric:
    reason = "; ".join(text for text in (metric.reason, caveat) if text)
    return Metric(metric.value, metric.low, metric.high, reason or None)


def _differences(model: str, metrics: dict[str, Metric]) -> dict[str, Metric]:
    def value(arm: str, score: str) -> float:
        metric = metrics[f"utility/{arm}/{model}/{score}"]
        if metric.value is None:
            raise ValueError(f"{arm} has no {score}: {metric.reason}")
        return metric.value

    def slope_error(arm: str) -> float:
        return abs(1 - value(arm, "slope"))

    computed = {
        f"utility/loss/{model}/c_index": lambda: (
            value("trtr", "c_index") - value("tstr", "c_index")
        ),
        f"utility/gain/{model}/c_index": lambda: (
            value("augmented", "c_index") - value("trtr", "c_index")
        ),
        f"utility/gain/{model}/slope_error": lambda: slope_error("trtr") - slope_error("augmented"),
    }
    differences: dict[str, Metric] = {}
    for name, difference in computed.items():
        try:
            differences[name] = number(difference())
        except ValueError as error:
            differences[name] = Metric(None, reason=str(error))
    return differences
