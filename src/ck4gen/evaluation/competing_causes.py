"""Causes that compete with the event: their hazard ratios and their cumulative incidence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import CAUSE
from ck4gen.evaluation.base.metric import Metric, absent, guarded, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.hazard import estimates
from ck4gen.survival.cumulative_incidence import cumulative_incidence
from ck4gen.survival.kaplan_meier import curve_difference, last_time

ERROR, INSIDE = HAZARD = "hazard/causes/log_hr_z", "hazard/causes/in_ci"
INCIDENCE = "survival/cumulative_incidence"
NAMES = (*HAZARD, INCIDENCE)
INFO = (
    MetricInfo(
        ERROR,
        "Error of log HR, other causes",
        "mean error of log hazard ratios of the causes that compete, in standard errors",
        ideal=0,
    ),
    MetricInfo(
        INSIDE,
        "HR in real CI, other causes",
        "share of their synthetic hazard ratios inside the real 95% CI",
        ideal=1,
    ),
    MetricInfo(
        INCIDENCE,
        "Cumulative incidence",
        "mean distance of the cumulative incidence of the causes",
        ideal=0,
        digits=3,
        needs_new_times=True,
    ),
)
NONE_COMPETES = "no cause competes with the event"


def competing_causes(comparison: CoxComparison) -> dict[str, Metric]:
    """Cause-specific hazard ratios of the causes beside the event, and all cumulative incidences.

    Hazard ratios are compared as those of the event are, every other cause counting as censored
    (Prentice et al. 1978); the mean is over all terms of all of them.

    Args:
        comparison: Both tables.
    """
    if not comparison.schema.causes:
        return absent(NAMES, NONE_COMPETES)
    metrics = guarded(HAZARD, lambda: _hazard_ratios(comparison))
    return metrics | guarded(
        (INCIDENCE,), lambda: {INCIDENCE: number(incidence_distance(*comparison.tables))}
    )


def _hazard_ratios(comparison: CoxComparison) -> dict[str, Metric]:
    metrics_by_name: dict[str, list[Metric]] = {name: [] for name in HAZARD}
    for cause, one in comparison.by_cause.items():
        if cause == 1:
            continue
        metrics = estimates(one.pair, one.real_data, one.synthetic_data, one.settings)
        for name, of_event in zip(HAZARD, ("hazard/log_hr_z", "hazard/in_ci"), strict=True):
            metrics_by_name[name].append(metrics[of_event])
    caveats = sorted({metric.reason for metric in metrics_by_name[ERROR] if metric.reason})
    return {
        name: number(
            np.mean([np.nan if one.value is None else one.value for one in metrics]),
            reason="; ".join(caveats) or None,
        )
        for name, metrics in metrics_by_name.items()
    }


def incidence_distance(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """Mean distance of the cumulative incidences of two tables.

    (1/T) times the integral of |F_synthetic(t) - F_real(t)| over [0, T], exact for step functions
    and averaged over causes; T is the last time in the real table. Range [0, 1], ideal 0.

    Args:
        real: (n, p + 3) rows with durations and causes.
        synthetic: (m, p + 3) rows with durations in the same unit.

    Raises:
        ValueError: Every real duration is 0, or a table lacks a cause.
    """
    horizon = last_time(real)
    causes = int(real[CAUSE].max())
    of_real, of_synthetic = (cumulative_incidence(table, causes) for table in (real, synthetic))
    gaps = [
        curve_difference(of_real[cause], of_synthetic[cause], horizon, absolute=True)
        for cause in of_real
    ]
    return float(np.mean(gaps)) / horizon
