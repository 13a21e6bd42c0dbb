"""Every statistic that a sampler keeps, and what an attacker reads from all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import area_under_curve, independent, leverages
from ck4gen.methods.ck4gen.cohort_targets import CohortTargets
from ck4gen.survival.design_axes import WIDE

QUANTILES = "quantiles"  # begins the name of those of a column
SAMPLING = 1.0  # noise of a statistic of as many rows as the cohort has, drawn independently


@dataclass(frozen=True)
class KeptStatistics:
    """Statistics of one kind.

    Attributes:
        name: Their kind.
        influence: (n, k) what each patient adds to each, in its standard errors.
        tolerance: How far a table may be off, in standard errors, beside the guard's noise.
        share: Of the patients, those whom they are about.
    """

    name: str
    influence: np.ndarray
    tolerance: float
    share: float = 1.0

    def price(self, noise: float, patients: int) -> float:
        """Mean squared detectability of a patient in these alone: k / (n (noise^2 + s^2)).

        The mean is over the n patients whom the statistics are about, as those without blanks.

        Args:
            noise: The guard's.
            patients: All patients of the cohort, of whom the influence may be that of some.
        """
        variance = max(noise**2 + self.tolerance**2, 1e-12)
        return independent(self.influence) / (self.share * patients * variance)


def kept_statistics(cohort: WeightedCohort, targets: CohortTargets) -> Iterator[KeptStatistics]:
    """What the tables of a sampler keep of a cohort.

    Conditions at what the calibration brings them to, quantile functions and models of outcomes
    beside the teacher at the sampling noise of a table as long as the cohort, and the curves of
    event and censoring at the smaller one of outcomes that are dealt out evenly. Averages of the
    longest times, at which follow-up ends, are in every table as they are.

    Args:
        cohort: The real rows, with the weights that patients have before any noise.
        targets: What was taken from them.
    """
    if targets.calibration is not None:
        conditions = targets.calibration.conditions
        kept_to = targets.calibration.settings.kept_to
        about = conditions.patients(cohort)
        for name, slopes in conditions.slopes(cohort).items():
            yield KeptStatistics(name, slopes, kept_to[name], float(about[name].mean()))
    for name, quantiles in targets.quantiles.items():
        values = cohort.table[name].to_numpy(float)
        below = values[:, None] <= quantiles.knots[:-1]
        yield from _shares(f"{QUANTILES} of {name}", below, SAMPLING)
        if quantiles.heaps.steps:
            yield from _shares(f"heaps of {name}", quantiles.heaps.on_grids(values), SAMPLING)
    for name, influence in targets.outcomes.influences(cohort).items():
        yield KeptStatistics(name, influence, SAMPLING)
    longest = targets.outcomes.longest_times(cohort)
    if longest.shape[1]:  # no row is followed longer, so that a table has them as they are
        yield KeptStatistics("longest times", longest, 0.0)
    for name, reached in targets.outcomes.reached(cohort).items():
        yield from _shares(name, reached, targets.outcomes.noise)


def _shares(name: str, inside: np.ndarray, tolerance: float) -> Iterator[KeptStatistics]:
    """Shares of patients, each distinct and neither none nor all."""
    share = inside.mean(0)
    kept = (share > 0) & (share < 1) & np.r_[True, np.diff(share) != 0]
    if kept.any():
        share = share[kept]
        influence = (inside[:, kept] - share) / np.sqrt(share * (1 - share) * len(inside))
        yield KeptStatistics(name, influence, tolerance)


def joint_areas(
    kept: list[KeptStatistics], weight: np.ndarray, noise: float, patients: int
) -> dict[str, np.ndarray]:
    """(n,) areas under the curve of an attacker who reads all kept statistics together.

    By Gaussians with the covariance of the guard's noise and of the tolerances.

    Args:
        kept: The statistics.
        weight: (n,) weights of the patients before any noise.
        noise: The guard's.
        patients: All patients of the cohort, of whom these n are some; their statistics have as
            many more patients behind them.

    Returns:
        Areas for a table (``table``), for the file of the sampler, which holds the statistics
        without a tolerance (``sampler``), and for a bootstrap's table (``bootstrap``).
    """
    ones = np.ones(len(weight))
    added, tolerated = _by_products(kept, weight) if len(kept) > WIDE else _moved(kept, weight)
    spread = added.T @ added
    noise = max(noise, 1e-6)
    share = len(weight) / patients
    leverage = share * leverages(added, ones, spread)
    tolerant = leverages(added, ones, noise**2 * spread + tolerated.T @ tolerated)
    return {
        "table": area_under_curve(share * noise**2 * tolerant, noise),
        "sampler": area_under_curve(leverage, noise),
        "bootstrap": area_under_curve(leverage, 1.0),
    }


def _moved(kept: list[KeptStatistics], weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) what each patient adds to all statistics, and that times their tolerances."""
    added = weight[:, None] * np.hstack([statistics.influence for statistics in kept])
    tolerated = added * np.concatenate([[k.tolerance] * k.influence.shape[1] for k in kept])
    rows = len(added)
    if added.shape[1] > 2 * rows:  # the same lengths and angles in as few dimensions as there are
        triangle = np.linalg.qr(np.hstack([added.T, tolerated.T])).R
        added, tolerated = triangle[:, :rows].T, triangle[:, rows:].T
    return added, tolerated


def _by_products(kept: list[KeptStatistics], weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same lengths and angles by the products of patients: all at once would take gigabytes."""
    rows = len(weight)
    products = np.zeros((2 * rows, 2 * rows))
    for statistics in kept:
        added = weight[:, None] * statistics.influence
        scales = np.array([1.0, statistics.tolerance])
        products += np.kron(np.outer(scales, scales), added @ added.T)
    sizes, axes = np.linalg.eigh(products)
    moved = axes * np.sqrt(sizes.clip(min=0))
    return moved[:rows], moved[rows:]
