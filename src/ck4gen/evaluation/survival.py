"""Survival curves: distances between Kaplan-Meier step functions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from lifelines.statistics import logrank_test

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Schema
from ck4gen.evaluation.base.metric import Metric, absent, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.groups import groups
from ck4gen.survival.cox import fit_cox
from ck4gen.survival.kaplan_meier import curve_difference, kaplan_meier, last_time, observed_since

SURVIVAL = tuple(
    f"survival/{name}"
    for name in (
        "km_divergence", "optimism", "short_sightedness", "rmst_diff", "logrank_p",
        "km_by_group", "km_by_group_skipped",
    )
)  # fmt: skip
INFO = (
    MetricInfo(
        "survival/km_divergence",
        "KM",
        "mean distance of the Kaplan-Meier curves",
        ideal=0,
        digits=3,
        headline=True,
        needs_new_times=True,
    ),
    MetricInfo(
        "survival/optimism",
        "Optimism",
        "mean difference of the Kaplan-Meier curves, with its sign",
        ideal=0,
        digits=3,
        needs_new_times=True,
    ),
    MetricInfo(
        "survival/short_sightedness",
        "Short-sightedness",
        "share of the follow-up that the table lacks",
        ideal=0,
        digits=3,
        needs_new_times=True,
    ),
    MetricInfo(
        "survival/rmst_diff",
        "RMST difference",
        "difference of restricted mean survival times, in units of time",
        ideal=0,
        needs_new_times=True,
    ),
    MetricInfo(
        "survival/logrank_p",
        "Log-rank p",
        "p-value of the log-rank test, synthetic v real",
        needs_new_times=True,
    ),
    MetricInfo(
        "survival/km_by_group",
        "KM by group",
        "mean distance of the Kaplan-Meier curves of groups",
        ideal=0,
        digits=3,
        needs_new_times=True,
    ),
    MetricInfo(
        "survival/km_by_group_skipped",
        "Groups left out",
        "groups too small for a Kaplan-Meier curve",
        ideal=0,
        digits=0,
    ),
)


def km_divergence(real: pd.DataFrame, synthetic: pd.DataFrame, since: float | None = None) -> float:
    """Mean distance of two Kaplan-Meier curves.

    (1/T) times the integral of |S_synthetic(t) - S_real(t)| over [0, T], exact for the step
    functions; T is the last time in the real table. Range [0, 1], ideal 0.

    Args:
        real: (n, p + 2) rows with durations in any unit.
        synthetic: (m, p + 2) rows with durations in the same unit.
        since: The curves, and the mean, are from this time on; None for 0.

    Raises:
        ValueError: Every real duration is 0.
    """
    horizon = last_time(real)
    gap = curve_difference(
        kaplan_meier(real, since), kaplan_meier(synthetic, since), horizon, absolute=True
    )
    return gap / (horizon - (since or 0.0))


def survival(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Distances of the curves, whole and by group.

    ``optimism`` and ``short_sightedness`` as in SurvivalGAN (Norcliffe et al. 2023);
    ``rmst_diff`` is the difference of restricted mean survival times, in units of time. With
    delayed entry, curves begin when ``min_rows`` real patients are at risk.
    """
    horizon, fewest = last_time(real), settings.min_rows
    since = observed_since(real, fewest)
    signed = curve_difference(
        kaplan_meier(real, since), kaplan_meier(synthetic, since), horizon, absolute=False
    )
    return {
        "survival/km_divergence": number(km_divergence(real, synthetic, since)),
        "survival/optimism": number(signed / (horizon - (since or 0.0))),
        "survival/short_sightedness": number((horizon - synthetic[DURATION].max()) / horizon),
        "survival/rmst_diff": number(signed),
        "survival/logrank_p": number(_p_value(real, synthetic)),
        **_by_group(real, synthetic, schema, settings),
    }


def _by_group(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Mean distance of the curves over groups, and the groups that are too small for it."""
    names = ("survival/km_by_group", "survival/km_by_group_skipped")
    if (columns := len(schema.columns)) > settings.most_group_columns:
        return absent(names, f"{columns} columns, more than evaluation.most_group_columns")
    by_group = [
        _of_group(real[group.rows(real)], synthetic[group.rows(synthetic)], settings.min_rows)
        for group in groups(real, schema)
    ]
    kept = [value for value in by_group if value is not None]
    mean = Metric(None, reason=f"no group has {settings.min_rows} rows in both tables")
    values = number(np.mean(kept)) if kept else mean, number(len(by_group) - len(kept))
    return dict(zip(names, values, strict=True))


def _of_group(real: pd.DataFrame, synthetic: pd.DataFrame, fewest: int) -> float | None:
    """Distance of the curves of a group; None for one that is too small."""
    if min(len(real), len(synthetic)) < fewest:
        return None
    try:
        return km_divergence(real, synthetic, observed_since(real, fewest))
    except ValueError:
        if ENTRY in real:
            return None
        raise


def _p_value(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """Of the log-rank test; with delayed entry, of the Cox model that tells the tables apart."""
    if ENTRY not in real:
        test = logrank_test(real[DURATION], synthetic[DURATION], real[EVENT], synthetic[EVENT])
        return float(test.p_value)
    both = pd.concat([real, synthetic], ignore_index=True)
    label = pd.DataFrame({"synthetic": (np.arange(len(both)) >= len(real)).astype(float)})
    fit = fit_cox(label, both[DURATION], both[EVENT], entry=both[ENTRY])
    return fit.likelihood_ratio_p_value
