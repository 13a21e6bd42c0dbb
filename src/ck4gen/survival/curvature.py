"""Numerics whose effect on a hazard is no straight line: bends beside them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import CoxError, CoxFit, fit_cohort

SHARES = (0.01, 0.05, 1 / 3, 2 / 3, 0.95, 0.99)  # of the knots: thirds, ends, and far ends
MIDDLE = 0.5  # share from which on bends count what is above them
SLACK = 1e-9  # of the range: an average of equal values differs from them by rounding


@dataclass(frozen=True)
class Curvature:
    """What the bends of some numerics add to a Cox design: max(x - knot, 0), or max(knot - x, 0).

    So an effect is a broken line, and its slope beyond the last knot is that of the few patients
    there. A cubic spline needs fewer terms where an effect is smooth; but in a long tail it is
    ruled by the farthest values, or straight from before the tail on.

    Attributes:
        bends: By column, (k, 2) its knots, rising, and to which side of each a term counts: 1
            above, -1 below. So the straight term has the slope in the middle, which many patients
            tell; with one side alone it would be that of the end opposite, which few do.
    """

    bends: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the terms."""
        return [
            f"{name} bent at knot {at}"
            for name, bends in self.bends.items()
            for at in range(1, len(bends) + 1)
        ]

    def widened(self, design: pd.DataFrame) -> pd.DataFrame:
        """(n, p) design -> (n, p + q) with the q bends."""
        if not self.bends:
            return design
        terms = [
            np.clip(sides * (design[name].to_numpy()[:, None] - knots), 0, None)
            for name, (knots, sides) in ((name, b.T) for name, b in self.bends.items())
        ]
        return design.join(pd.DataFrame(np.hstack(terms), design.index, self.names))

    def fit(self, cohort: WeightedCohort) -> CoxFit:
        """The Cox model of a cohort with these terms.

        Raises:
            CoxError: It has no finite estimate.
        """
        return fit_cohort(cohort, design=self.widened(cohort.design))


def curvature(cohort: WeightedCohort, group: int, significance: float) -> Curvature:
    """The numerics whose bends improve the Cox model of a cohort.

    Each is tested alone beside all straight terms, by the likelihood ratio of all its bends.

    Args:
        cohort: The rows and their weights.
        group: Patients averaged in a knot, and at least on either side of it.
        significance: Level of each test; 0 finds none.
    """
    found: dict[str, np.ndarray] = {}
    with suppress(CoxError):  # without a straight model there is nothing to improve
        straight = fit_cohort(cohort).log_likelihood
        for name in cohort.schema.of_kind("numeric"):
            if name not in cohort.design:
                continue  # it follows from other columns
            bends = _bends(cohort.design[name].to_numpy(), cohort.weight, group)
            one = Curvature({name: bends})
            if len(bends) and _p_value(one, cohort, straight) < significance:
                found |= one.bends
    together = Curvature(found)
    if not found:
        return together
    try:
        together.fit(cohort)
    except CoxError:
        return Curvature()
    return together


def _p_value(one: Curvature, cohort: WeightedCohort, straight: float) -> float:
    try:
        ratio = 2 * (one.fit(cohort).log_likelihood - straight)
    except CoxError:
        return 1.0
    return float(stats.chi2.sf(ratio, len(one.names)))


def _bends(values: np.ndarray, weight: np.ndarray, group: int) -> np.ndarray:
    """(k, 2) where a numeric may bend and the side: the more patients, the farther out."""
    found: list[tuple[float, float]] = []
    slack = SLACK * np.ptp(values)
    for share in SHARES:
        knot = averaged_quantile(values, weight, share, group)
        fewest = min((values < knot - slack).sum(), (values > knot + slack).sum())
        if fewest >= group and not (found and knot <= found[-1][0] + slack):
            found.append((knot, 1.0 if share > MIDDLE else -1.0))
    return np.array(found).reshape(-1, 2)
