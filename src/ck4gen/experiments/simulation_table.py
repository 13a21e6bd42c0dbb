"""From the files of simulated cohorts to every measure by arm, ratio and standard error."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd

from ck4gen.data.schema import standard_error_factor
from ck4gen.experiments.simulated_cohort import POOLED, REAL
from ck4gen.experiments.simulated_population import Population
from ck4gen.experiments.simulation_measures import Analyses, expected_coverage, measured

COLUMNS = [
    "arm", "ratio", "standard_errors", "cohorts", "failed", "calibration_met",
    "measure", "value", "low", "high", "reason",
]  # fmt: skip


def factors(arm: str, ratio: float, rows: int, noise: float) -> dict[str, float]:
    """By what the standard errors of a table of ``ratio * rows`` rows are multiplied.

    ``corrected`` is the factor of the codebook: for a table that repeats the estimates of the real
    analysis but for the guard's ``noise``. Pooled tables, and real ones, need none. ``independent``
    is for one whose estimates scatter around the real ones as those of new patients of the fitted
    model would: sqrt(1 + n_syn / n) (Raab, Nowok and Dibben 2016, J Privacy Confid 7).
    """
    if arm in (REAL, POOLED):
        return {"naive": 1.0}
    corrected = standard_error_factor(round(rows * ratio), rows, noise)
    options = {"naive": 1.0, "corrected": corrected, "independent": sqrt(1 + ratio)}
    return options if corrected > 1 else {n: f for n, f in options.items() if n != "corrected"}


def table(
    cohorts: list[dict], population: Population, significance: float, confidence: float
) -> pd.DataFrame:
    """Every measure with its Monte Carlo interval, one row each.

    Args:
        cohorts: Contents of the files of the cohorts.
        population: Their law.
        significance: Level of the Wald tests.
        confidence: Level of the Monte Carlo intervals.

    Returns:
        Columns arm, ratio, standard_errors, cohorts (with an estimate), failed (without one),
        calibration_met (share of tables), measure, value, low, high, reason.
    """
    rows = []
    for arm, ratio in [(t["arm"], t["ratio"]) for t in cohorts[0]["tables"]]:
        pairs = [(_of(c, REAL, 1), _of(c, arm, ratio)) for c in cohorts]
        kept = [(real, made) for real, made in pairs if "log_hr" in real and "log_hr" in made]
        met = [made["calibration_met"] for _, made in kept if "calibration_met" in made]
        columns = {
            "arm": arm,
            "ratio": ratio,
            "cohorts": len(kept),
            "failed": len(pairs) - len(kept),
            "calibration_met": float(np.mean(met)) if met else None,
        }
        for name, factor in factors(arm, ratio, population.rows, cohorts[0]["noise"]).items():
            row = columns | {"standard_errors": name}
            metrics = {}
            if kept:
                metrics = measured(_analyses(kept, population, factor, significance), confidence)
            rows += [row | {"measure": m, **metric.as_dict()} for m, metric in metrics.items()]
            if metrics and (added := metrics["added_variance"].value) is not None:
                expected = expected_coverage(ratio, factor, added, significance)
                rows.append(row | {"measure": "expected_coverage", "value": expected})
    return pd.DataFrame(rows, columns=COLUMNS)


def _of(cohort: dict, arm: str, ratio: float) -> dict:
    return next(t for t in cohort["tables"] if (t["arm"], t["ratio"]) == (arm, ratio))


def _analyses(
    pairs: list[tuple[dict, dict]], population: Population, factor: float, significance: float
) -> Analyses:
    def column(side: int, key: str) -> np.ndarray:
        return np.array([pair[side][key] for pair in pairs])

    return Analyses(
        population.truth.to_numpy(),
        column(1, "log_hr"),
        column(1, "standard_error") * factor,
        column(0, "log_hr"),
        column(0, "standard_error"),
        significance,
    )
