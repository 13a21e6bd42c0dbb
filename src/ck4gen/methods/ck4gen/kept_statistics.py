"""Every statistic that a sampler keeps of a cohort."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import independent
from ck4gen.methods.ck4gen.cohort_targets import CohortTargets

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
        inside: (n, k) where they are shares of patients, who is counted; None of others.
    """

    name: str
    influence: np.ndarray
    tolerance: float
    share: float = 1.0
    inside: np.ndarray | None = None

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
        share, inside = share[kept], inside[:, kept]
        influence = (inside - share) / np.sqrt(share * (1 - share) * len(inside))
        yield KeptStatistics(name, influence, tolerance, inside=inside)
