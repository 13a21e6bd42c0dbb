"""Terms whose effect on a hazard changes in time: another coefficient after a time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.breslow import breslow
from ck4gen.survival.cox import CoxError, CoxFit, fit_on
from ck4gen.survival.curvature import Curvature
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets

HALF = 0.5  # of the events lie before the time
CHANGE = ", change"  # ends the name of what is added to a coefficient


class _Episodes(NamedTuple):
    """A cohort followed up to a time, and from then on.

    Attributes:
        patient: (m,) row of the cohort of each episode.
        late: (m,) 1 for those after the time.
        sets: Their risk sets.
    """

    patient: np.ndarray
    late: np.ndarray
    sets: RiskSets

    @classmethod
    def of(cls, cohort: WeightedCohort, after: float, stratified: bool = True) -> _Episodes:
        entry = np.full(len(cohort), -1.0) if cohort.entry is None else cohort.entry
        early, late = np.flatnonzero(entry < after), np.flatnonzero(cohort.duration > after)
        patient = np.r_[early, late]
        is_late = np.repeat([0.0, 1.0], [len(early), len(late)])
        duration, stratum = cohort.duration[patient], cohort.stratum
        ends = np.where(is_late == 1, duration, np.minimum(duration, after))
        begins = np.where(is_late == 1, np.maximum(entry[patient], after), entry[patient])
        sets = RiskSets(
            ends,
            cohort.event[patient] * (ends == duration),
            cohort.weight[patient],
            stratum[patient] if stratified and stratum is not None else None,
            begins,
        )
        return cls(patient, is_late, sets)

    def widened(self, design: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
        """(n, p) design and (n, q) terms -> (m, p + q), the terms 0 before the time."""
        later = terms.iloc[self.patient].mul(self.late, axis=0)
        return pd.concat([design.iloc[self.patient], later.add_suffix(CHANGE)], axis=1)


@dataclass(frozen=True)
class ChangingEffects:
    """What some terms add to the log hazard from a time on.

    Attributes:
        terms: Names of the terms.
        after: The time; infinite where there are none.
    """

    terms: tuple[str, ...] = ()
    after: float = np.inf

    @property
    def names(self) -> list[str]:
        """Names of the coefficients that are added."""
        return [term + CHANGE for term in self.terms]

    def fit(self, cohort: WeightedCohort, design: pd.DataFrame) -> CoxFit:
        """The Cox model of a cohort, a patient followed past the time being two rows.

        Args:
            cohort: The rows and their weights.
            design: (n, p) terms, those that change among them.

        Raises:
            CoxError: It has no finite estimate.
        """
        return self._fit(cohort, design, _Episodes.of(cohort, self.after))

    def _fit(self, cohort: WeightedCohort, design: pd.DataFrame, episodes: _Episodes) -> CoxFit:
        wide = episodes.widened(design, design[[*self.terms]])
        return fit_on(episodes.sets, wide, weights=cohort.weight[episodes.patient])

    def influence(self, cohort: WeightedCohort, design: pd.DataFrame) -> np.ndarray:
        """(n, p + q) what each patient, of weight 1, adds to the coefficients.

        Raises:
            CoxError: They have no finite estimate.
        """
        episodes = _Episodes.of(cohort, self.after)
        of_rows = self._fit(cohort, design, episodes).influence
        summed = np.zeros((len(cohort), of_rows.shape[1]))
        np.add.at(summed, episodes.patient, of_rows)
        return summed / cohort.weight[:, None]

    def baseline(
        self,
        cohort: WeightedCohort,
        design: pd.DataFrame,
        coefficients: pd.Series,
        means: pd.Series,
    ) -> pd.Series:
        """Cumulative baseline hazard of all rows together, see :func:`breslow`.

        Args:
            cohort: The rows and their weights.
            design: (n, p) terms.
            coefficients: (p + q,) of the terms, and what is added to some later.
            means: (p,) covariates of the patient whose hazard it is.
        """
        if not self.terms:
            return breslow(cohort, design, coefficients, means)
        centred, episodes = design - means, _Episodes.of(cohort, self.after, stratified=False)
        wide = episodes.widened(centred, centred[[*self.terms]]).to_numpy()
        jumps = PartialLikelihood(episodes.sets, wide).hazard(coefficients.to_numpy())
        return pd.Series(np.cumsum(jumps), episodes.sets.times)


def changing_effects(
    cohort: WeightedCohort,
    curvature: Curvature,
    group: int,
    events_per_term: float,
    significance: float,
) -> ChangingEffects:
    """The terms whose effect is another one in the second half of the events.

    Each is tested beside the proportional model, by the score of its change (Rao 1948). The time is
    the median event time.

    Args:
        cohort: The rows and their weights.
        curvature: Splines in the model.
        group: Patients averaged in the time.
        events_per_term: With fewer before or after the time none is found.
        significance: Level of each test; 0 finds none.
    """
    happened, terms = cohort.event == 1, cohort.design
    if not happened.any():
        return ChangingEffects()
    times = cohort.duration[happened]
    after = averaged_quantile(times, cohort.weight[happened], HALF, group)
    late = int((times > after).sum())
    if min(late, len(times) - late) < events_per_term * terms.shape[1]:
        return ChangingEffects()
    design = curvature.widened(terms)
    with suppress(CoxError):  # no finite estimate
        p_values = _p_values(cohort, design, terms, curvature.fit(cohort), after)
        if (p_values < significance).any():
            effects = ChangingEffects(tuple(terms.columns[p_values < significance]), after)
            effects.fit(cohort, design)
            return effects
    return ChangingEffects()


def _p_values(
    cohort: WeightedCohort,
    design: pd.DataFrame,
    terms: pd.DataFrame,
    proportional: CoxFit,
    after: float,
) -> np.ndarray:
    """(q,) p-values of a change of each term beside all terms of the design."""
    episodes, p = _Episodes.of(cohort, after), design.shape[1]
    centred = [each - each.mean() for each in (design, terms)]
    wide = episodes.widened(*centred).to_numpy()
    coefficients = np.r_[proportional.coefficients.to_numpy(), np.zeros(terms.shape[1])]
    point = PartialLikelihood(episodes.sets, wide).at(coefficients)
    slopes = np.linalg.solve(point.information[:p, :p], point.information[:p, p:])
    variance = np.diag(point.information)[p:] - (point.information[:p, p:] * slopes).sum(0)
    score = point.score[p:]
    return np.asarray(stats.chi2.sf(score**2 / variance.clip(min=1e-12), 1))
