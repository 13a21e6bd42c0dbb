"""Published numbers beside the same numbers of a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.described.published.numbers import PublishedNumbers
from ck4gen.survival.cox import fit_cohort
from ck4gen.survival.kaplan_meier import kaplan_meier

Z95 = 1.959964
Line = tuple[str, str, float, float, float]


def comparison(numbers: PublishedNumbers, table: pd.DataFrame) -> pd.DataFrame:
    """Every published number, and the table's.

    Args:
        numbers: The published numbers.
        table: (n, p + 2) rows with the published columns.

    Returns:
        One row a number: ``what`` (``events``, ``hazard ratio``, ``standard error``, ``survival``,
        ``share``, ``mean``, ``sd``, ``quartile``), ``of``, ``published``, ``table`` and ``error``,
        the difference in standard errors of the table (of logs for hazard ratios); NaN where none
        is worked out: for standard errors, SDs and quartiles.
    """
    lines = [*_outcome(numbers, table), *_model(numbers, table), *_columns(numbers, table)]
    return pd.DataFrame(lines, columns=["what", "of", "published", "table", "error"])


def _outcome(numbers: PublishedNumbers, table: pd.DataFrame) -> Iterator[Line]:
    share, n = numbers.events / numbers.patients, len(table)
    observed = float(table[EVENT].mean())
    yield "events", "all", share, observed, _share_error(share, observed, n)
    curve = kaplan_meier(table)
    event, time = table[EVENT].to_numpy(bool), table[DURATION].to_numpy(float)
    for published_time, published in numbers.survival.items():
        estimate = float(curve.at(np.array([published_time]))[0])
        died = np.unique(time[event & (time <= published_time)], return_counts=True)
        risk = np.array([(time >= each).sum() for each in died[0]])
        greenwood = (died[1] / np.maximum(risk * (risk - died[1]), 1)).sum()
        error = max(estimate * np.sqrt(greenwood), 1 / n)
        yield "survival", f"{published_time:g}", published, estimate, (estimate - published) / error


def _model(numbers: PublishedNumbers, table: pd.DataFrame) -> Iterator[Line]:
    fit = fit_cohort(WeightedCohort.of(table, numbers.public.schema))
    for term, published in numbers.hazard_ratios.items():
        coefficient, error = float(fit.coefficients[term]), float(fit.standard_errors[term])
        z = (coefficient - np.log(published.ratio)) / error
        yield "hazard ratio", term, published.ratio, float(np.exp(coefficient)), z
        if published.interval is not None:
            low, high = np.log(published.interval)
            yield "standard error", term, float((high - low) / (2 * Z95)), error, np.nan


def _columns(numbers: PublishedNumbers, table: pd.DataFrame) -> Iterator[Line]:
    n = len(table)
    for column in numbers.columns:
        name, values = column.public.name, table[column.public.name]
        for level, share in zip(column.public.levels, column.shares, strict=False):
            observed = float((values.astype(str) == level).mean())
            yield (
                "share",
                f"{name}={level}",
                float(share),
                observed,
                _share_error(share, observed, n),
            )
        if column.quartiles:
            for part, point in zip((0.25, 0.5, 0.75), column.quartiles, strict=True):
                yield "quartile", f"{name} {part:g}", point, float(values.quantile(part)), np.nan
        elif column.mean is not None and column.sd is not None:
            mean, sd = float(values.mean()), float(values.std())
            yield "mean", name, column.mean, mean, (mean - column.mean) / (column.sd / np.sqrt(n))
            yield "sd", name, column.sd, sd, np.nan


def _share_error(published: float, observed: float, n: int) -> float:
    return float((observed - published) / np.sqrt(max(published * (1 - published), 1 / n) / n))
