"""Kaplan-Meier curves and restricted mean survival times, whole and by group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from lifelines.utils import survival_table_from_events

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.groups import groups
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable, inner_quantiles
from ck4gen.evaluation.reanalysis.estimates import joined, named


def survival_curve(table: AnalysedTable) -> pd.DataFrame:
    """Survival of everybody at quantiles of the real event times, with Greenwood's errors."""
    times = table.event_times(inner_quantiles(table.settings.curve_times))
    return at_times("all", table.data.duration, table.data.event, times)


def survival_by_group(table: AnalysedTable) -> pd.DataFrame:
    """Survival of each level and third at quantiles of the real event times.

    Raises:
        ValueError: Every group is too small.
    """
    times = table.event_times(inner_quantiles(table.settings.group_times))
    parts = (at_times(*group, times) for group in _groups(table))
    return joined(parts, _too_small(table))


def restricted_means(table: AnalysedTable) -> pd.DataFrame:
    """Mean survival time of each level and third, up to a quantile of the real durations.

    The standard error is that of Klein and Moeschberger 2003 (equation 4.5.2): lifelines offers
    the variance of the times, and not that of their mean.

    Raises:
        ValueError: Every group is too small.
    """
    end = float(np.quantile(table.real[DURATION].to_numpy(float), table.settings.follow_up))
    parts = (_restricted_mean(*group, end) for group in _groups(table))
    return joined(parts, _too_small(table))


def at_times(name: str, duration: pd.Series, event: pd.Series, times: np.ndarray) -> pd.DataFrame:
    """Kaplan-Meier estimates at some times; one of 0 or 1 has no standard error."""
    knots, survival, spread = _kaplan_meier(duration, event)
    step = np.searchsorted(knots, times, side="right")
    values = np.r_[1.0, survival][step]
    errors = values * np.sqrt(np.r_[0.0, np.cumsum(spread)][step])
    return named((f"{name} at {time:.6g}" for time in times), values, errors)


def _restricted_mean(name: str, duration: pd.Series, event: pd.Series, end: float) -> pd.DataFrame:
    knots, survival, spread = _kaplan_meier(duration, event)
    inside = knots < end
    steps = np.diff(np.r_[0.0, knots[inside], end])
    areas = np.r_[1.0, survival[inside]] * steps
    beyond = areas[::-1].cumsum()[::-1][1:]  # under the curve from each event time to the end
    variance = np.sum(beyond[beyond > 0] ** 2 * spread[inside][beyond > 0])
    return named([name], np.array([areas.sum()]), np.array([np.sqrt(variance)]))


def _kaplan_meier(
    duration: pd.Series, event: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Event times, survival from each of them on, and Greenwood's terms d / (n (n - d))."""
    counts = survival_table_from_events(duration, event)
    counts = counts[counts["observed"] > 0]
    events, at_risk = counts["observed"].to_numpy(float), counts["at_risk"].to_numpy(float)
    left = at_risk - events
    terms = np.divide(events, at_risk * left, out=np.zeros_like(events), where=left > 0)
    return counts.index.to_numpy(float), np.cumprod(left / at_risk), terms


def _groups(table: AnalysedTable) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """Name, durations and events of each group with rows enough."""
    for group in groups(table.real, table.schema):
        rows = table.table[group.rows(table.table)]
        if len(rows) >= table.evaluation.min_rows:
            yield group.name, rows[DURATION], rows[EVENT]


def _too_small(table: AnalysedTable) -> str:
    return f"no group has {table.evaluation.min_rows} rows"
