"""Numerics whose effect on a hazard is no straight line: restricted cubic splines beside them."""

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

SHARES = (0.05, 0.35, 0.65, 0.95)  # of the knots, as Harrell (2015, section 2.4.6) has them


@dataclass(frozen=True)
class Curvature:
    """What the splines of some numerics add to a Cox design.

    With four knots a spline has two terms beside the straight one. It is straight beyond the
    outer knots (Stone and Koo 1985).

    Attributes:
        knots: By column, its four knots.
    """

    knots: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the terms."""
        return [f"{name} bent at knot {number}" for name in self.knots for number in (1, 2)]

    def widened(self, design: pd.DataFrame) -> pd.DataFrame:
        """(n, p) design -> (n, p + 2q) with the terms of q columns."""
        if not self.knots:
            return design
        terms = [_bends(design[name].to_numpy(), knots) for name, knots in self.knots.items()]
        return design.join(pd.DataFrame(np.hstack(terms), design.index, self.names))

    def fit(self, cohort: WeightedCohort) -> CoxFit:
        """The Cox model of a cohort with these terms.

        Raises:
            CoxError: It has no finite estimate.
        """
        return fit_cohort(cohort, design=self.widened(cohort.design))


def curvature(cohort: WeightedCohort, group: int, significance: float) -> Curvature:
    """The numerics whose splines improve the Cox model of a cohort.

    Each is tested alone beside all straight terms, by the likelihood ratio of its two terms.

    Args:
        cohort: The rows and their weights.
        group: Patients averaged in a knot.
        significance: Level of each test; 0 finds none.
    """
    bent: dict[str, np.ndarray] = {}
    with suppress(CoxError):  # without a straight model there is nothing to improve
        straight = fit_cohort(cohort).log_likelihood
        for name in cohort.schema.of_kind("numeric"):
            if name not in cohort.design:
                continue  # it follows from other columns
            values = cohort.design[name].to_numpy()
            knots = [averaged_quantile(values, cohort.weight, share, group) for share in SHARES]
            one = Curvature({name: np.array(knots)})
            if len({*knots}) == len(SHARES) and _p_value(one, cohort, straight) < significance:
                bent |= one.knots
    together = Curvature(bent)
    if not bent:
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


def _bends(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """(n,) values -> (n, 2) truncated powers that are straight beyond the outer knots."""
    powers = (np.clip(x[:, None] - knots, 0, None) / (knots[-1] - knots[0])) ** 3
    inner, last, end = powers[:, :-2], powers[:, [-2]], powers[:, [-1]]
    width = knots[-1] - knots[-2]
    return (
        inner - last * (knots[-1] - knots[:-2]) / width + end * (knots[-2] - knots[:-2]) / width
    ) * (knots[-1] - knots[0])
