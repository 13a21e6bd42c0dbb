"""The guard: the same secret weights for every number that is taken from a cohort."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.influence import column_influence, hazard_ratio_influence, weight_leverages
from ck4gen.guard.secret_weights import secret_weights
from ck4gen.guard.settings import GuardSettings
from ck4gen.survival.cox import CoxError, CoxFit, fit_cohort

NOTHING = 1e-12
LEVEL = 1.0  # patients by whose weight a level stays (our choice)
SHIFTED = 1.0  # standard errors by which the cap moves a hazard ratio before it is said


@dataclass(frozen=True)
class Guarded:
    """A cohort behind its guard.

    Attributes:
        cohort: Rows with capped and secretly drawn weights: all that is fitted sees these.
        cap: (n,) what the cap left of each patient's weight, before the noise.
        shift: (p,) what the cap did to the log hazard ratios, in standard errors.
        noise: SD of a weight.
    """

    cohort: WeightedCohort
    cap: np.ndarray
    shift: pd.Series
    noise: float

    @classmethod
    def without(cls, cohort: WeightedCohort) -> Guarded:
        """A cohort that nothing guards."""
        return cls(cohort, np.ones(len(cohort)), pd.Series(dtype=float), 0.0)

    @property
    def capped(self) -> dict[int, float]:
        """Weight that is left, by row of the patients that the cap met."""
        return {int(row): float(self.cap[row]) for row in np.flatnonzero(self.cap < 1)}

    @property
    def diagnostics(self) -> dict[str, float]:
        """What the report says of the guard."""
        return {
            "guard/noise": self.noise,
            "guard/capped": float(len(self.capped)),
            "guard/smallest_weight": float(self.cap.min()),
            "guard/cap_shift": float(self.shift.abs().max()) if len(self.shift) else 0.0,
        }


def guard(
    cohort: WeightedCohort,
    penalizers: Mapping[int, float],
    settings: GuardSettings,
    secret: bytes,
    *number: int,
) -> Guarded:
    """Cap influential patients, then draw the secret weights.

    Args:
        cohort: The real rows, every weight 1.
        penalizers: By cause, the ridge of the Cox model whose hazard ratios are capped.
        settings: Guard settings.
        secret: Random bytes that the custodian keeps.
        *number: Seed of the fit, and which of its tables.
    """
    cap, shift = cohort.weight, pd.Series(dtype=float)
    if settings.cap is not None:
        cap, shift = _capped(cohort, penalizers, settings.cap, settings)
    weight = cap * secret_weights(cohort.table, settings.noise, secret, *number)
    return Guarded(cohort.weighted(weight), cap, shift, settings.noise)


def _capped(
    cohort: WeightedCohort, penalizers: Mapping[int, float], cap: float, settings: GuardSettings
) -> tuple[np.ndarray, pd.Series]:
    """Weights at which no patient moves the statistics by more than ``cap`` of their noise.

    The hazard ratios and the columns are capped each in the metric of their own covariance (the
    bounded-influence estimates of Krasker and Welsch 1982, as weights). Each round shrinks the
    patients beyond the cap, half of the way, and fits again: where a few patients carry most of
    a statistic, its covariance shrinks with them. Hazard ratios of causes that compete are capped
    together. A Cox model without a finite estimate is left to whoever needs it.

    With hardly more patients behind the statistics than there are statistics, each of them has to
    move them by more than the cap: shares add up to the number of statistics. The cap is then
    what half of these patients, those with an event of a cause for its hazard ratios, are beyond.
    """
    weight, levels = np.ones(len(cohort)), _levels(cohort.design)
    first: dict[int, CoxFit] = {}
    everyone = [np.full(len(cohort), True)]
    raised = 0.0
    for _ in range(settings.cap_rounds):
        current = cohort.weighted(weight)
        influences = [(column_influence(current), everyone)]
        last = fits_by_cause(current, penalizers)
        if last:
            fitted = [hazard_ratio_influence(fit, current.weight) for fit in last.values()]
            influences.append((np.hstack(fitted), [cohort.cause == cause for cause in last]))
        first = last | first
        excess = np.zeros(len(cohort))
        for influence, behind in influences:
            share = weight_leverages(influence, weight)
            most = max(cap**2, *(float(np.median(share[rows])) for rows in behind))
            raised = max(raised, most)
            limit = most / max(1 - most, NOTHING)
            # against the spread of the others: the patient's own part falls as it is capped
            excess = np.maximum(excess, share / np.clip(1 - share, NOTHING, None) / limit)
        if excess.max() < 1 + settings.cap_tolerance:
            break
        weight = _with_levels(levels, weight * np.maximum(excess, 1) ** -0.25)
    if raised > cap**2:
        warnings.warn(
            "there are hardly more patients than numbers to keep, so that half of them move the "
            f"hazard ratios or columns by more than method.guard.cap = {cap:g}; it is "
            f"{raised**0.5:.2f} here, and who knows all other patients can tell more of this table",
            UserWarning,
            stacklevel=4,
        )
    shifts = [
        (fit.coefficients - first[cause].coefficients) / first[cause].standard_errors
        for cause, fit in last.items()
    ]
    shift = pd.concat(shifts) if shifts else pd.Series(dtype=float)
    if len(shift) and shift.abs().max() > SHIFTED:
        warnings.warn(
            f"method.guard.cap moves the hazard ratio of {shift.abs().idxmax()} by "
            f"{shift.abs().max():.1f} standard errors, since it rests on few patients; see "
            "'How much noise' in docs/guard.md, or take the logarithm of a column with a long tail",
            UserWarning,
            stacklevel=4,
        )
    return weight, shift


def _levels(design: pd.DataFrame) -> list[np.ndarray]:
    """The rows at each level of each 0/1 term."""
    rows_by_level = []
    for values in design.to_numpy().T:
        ends = np.unique(values)
        if len(ends) == 2:
            rows_by_level += [np.flatnonzero(values == end) for end in ends]
    return rows_by_level


def _with_levels(levels: list[np.ndarray], weight: np.ndarray) -> np.ndarray:
    """Weights by which every level of a 0/1 term keeps that of one patient.

    Of two patients with a level each has half of its column at any weight: shrunk for ever, they
    are hidden no better, and the level is lost, with its hazard ratio and all that the search for
    a table does in vain.
    """
    weight = weight.copy()
    for rows in levels:
        if (total := weight[rows].sum()) < LEVEL:
            weight[rows] = np.minimum(weight[rows] * LEVEL / total, 1.0)
    return weight


def fits_by_cause(cohort: WeightedCohort, penalizers: Mapping[int, float]) -> dict[int, CoxFit]:
    """The Cox model of each cause that has a finite estimate.

    Args:
        cohort: The rows and their weights.
        penalizers: By cause, the ridge.
    """
    fits = {}
    for cause, part in cohort.by_cause.items():
        with suppress(CoxError):
            fits[cause] = fit_cohort(part, penalizers[cause])
    return fits
