"""The attacker who knows every other patient, and what single patients leave in statistics.

Attacks on rows can't see this: a table whose rows resemble nobody may still give its hazard
ratios so exactly that they hold only if a certain patient was in (Homer et al. 2008; Sankararaman
et al. 2009; Dinur and Nissim 2003).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.verdict_settings import VerdictSettings
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.guard.influence import (
    SUMMARIES,
    area_under_curve,
    column_gap,
    column_influence,
    hazard_ratio_influence,
    independent,
    summaries,
    weight_leverages,
)
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS, Release
from ck4gen.survival.cox import CoxError, CoxFit, fit_cox
from ck4gen.survival.design_axes import is_wide

ALIASED = 1e-9  # eigenvalues below this share of the largest one belong to aliased statistics
STATISTICS = {
    HAZARD_RATIOS: "the hazard ratios of the table",
    COLUMNS: "the means and SDs of its columns",
}
NAMES = {
    kind: (
        *(f"privacy/worst_case/{kind}/{summary}" for summary in SUMMARIES),
        f"privacy/times_the_noise/{kind}",
    )
    for kind in STATISTICS
}
FACTORS = np.arange(1.0, 10.01, 0.1)  # of the noise, that are tried
INFO = tuple(
    MetricInfo(
        f"privacy/worst_case/{kind}/{summary}",
        f"{'HR' if kind == HAZARD_RATIOS else 'columns'} {summary}",
        f"AUC of an attacker who knows all other patients and reads {text}: {meaning}",
        ideal=0.0 if summary == "above" else 0.5,
        null=0.0 if summary == "above" else 0.5,
    )
    for kind, text in STATISTICS.items()
    for summary, meaning in SUMMARIES.items()
) + tuple(
    MetricInfo(
        NAMES[kind][-1],
        f"{'HR' if kind == HAZARD_RATIOS else 'columns'} times the noise",
        f"times the noise in {text} with which its worst case would be within the verdict's limits",
        ideal=1.0,
        digits=1,
    )
    for kind, text in STATISTICS.items()
)


def by_hazard_ratios(
    comparison: CoxComparison, release: Release, limits: VerdictSettings
) -> dict[str, Metric]:
    """Who was in, by the hazard ratios of the main model, of every cause where causes compete.

    Where the noise is known, the attacker reads those of all terms, also of one without an estimate
    in the table: that tells her no more.

    Args:
        comparison: The Cox models of both tables.
        release: What is known of the noise of the table.
        limits: Of the verdict.

    Raises:
        ValueError: The noise would have to be measured on a term without an estimate.
    """
    weight = release.weight(len(comparison.real))
    influences, gaps = [], []
    for of_cause in comparison.by_cause.values():
        pair = of_cause.pair
        if pair.degenerate and HAZARD_RATIOS not in release.noise:
            raise ValueError(f"{pair.caveat} in the synthetic table")
        fit = pair.real
        if release.capped:  # a patient who is held down fits less well, and so pulls more
            fit = _held_down(of_cause, weight, comparison.settings.ridge)
        influences.append(hazard_ratio_influence(fit, weight))
        gaps.append((pair.synthetic.coefficients - pair.real.coefficients).to_numpy())
    return _summary(HAZARD_RATIOS, np.hstack(influences), np.hstack(gaps), release, limits)


def _held_down(comparison: CoxComparison, weight: np.ndarray, ridge: float) -> CoxFit:
    """The real model under the weights of a cap, with a small ridge where it has no estimate.

    As the guard has it, where a term hangs on the events of few patients who are held down.
    """
    data = comparison.real_data
    fit = partial(
        fit_cox,
        data.design,
        data.duration,
        data.event,
        weights=weight,
        strata=data.stratum,
        entry=data.entry,
    )
    try:
        return fit(penalizer=comparison.penalizer)
    except CoxError:
        return fit(penalizer=max(comparison.penalizer, ridge))


def by_columns(
    comparison: CoxComparison, release: Release, limits: VerdictSettings
) -> dict[str, Metric]:
    """Who was in, by the means of all terms and the SDs of the numerics."""
    real, synthetic = (
        WeightedCohort.of(table, comparison.schema)
        for table in (comparison.real, comparison.synthetic)
    )
    gap = column_gap(synthetic, real)
    return _summary(COLUMNS, column_influence(real) / len(real), gap, release, limits)


def _summary(
    kind: str,
    influence: np.ndarray,
    gap: np.ndarray,
    release: Release,
    limits: VerdictSettings,
) -> dict[str, Metric]:
    """Areas over patients; where nothing is known of the noise, the gap of the table measures it.

    A table that is off by more than its noise, because its generator is wrong, looks safer than
    it is. A formal guarantee bounds every area.
    """
    weight = release.weight(len(influence))
    variance, caveat = release.noise.get(kind), None
    if variance is None:
        squared = _squared(gap, influence, weight)
        variance = float(squared / independent(influence))
        caveat = f"noise measured on this table: {variance**0.5:.2f} of a bootstrap's"
    leverage, noise = weight_leverages(influence, weight), max(variance, 1e-12) ** 0.5
    area = area_under_curve(leverage, noise)
    if area.max() > release.largest_area:
        area = area.clip(max=release.largest_area)
        caveat = f"no more than {release.largest_area:.3f}, by the formal guarantee"
    areas = [number(value, reason=caveat) for value in summaries(area).values()]
    return dict(zip(NAMES[kind], [*areas, _times_the_noise(leverage, noise, limits)], strict=True))


def _times_the_noise(leverage: np.ndarray, noise: float, limits: VerdictSettings) -> Metric:
    """How much more noise hides every patient, and the average one, as well as the limits ask."""
    for factor in FACTORS:
        area = area_under_curve(leverage, factor * noise)
        if area.mean() <= limits.worst_case_mean and area.max() <= limits.worst_case_max:
            return number(factor)
    return Metric(None, reason=f"more than {FACTORS[-1]:g} times")


def _squared(gap: np.ndarray, influence: np.ndarray, weight: np.ndarray) -> float:
    """Squared length of a (k,) gap in SDs of the noise that follows from the patients."""
    if is_wide(len(influence), influence.shape[1] // 2):  # by patients, see weight_leverages
        moved = (influence * weight[:, None]).T
        along = np.linalg.lstsq(moved, gap, rcond=ALIASED**0.5)[0]
        return float(along @ along)
    spread = (influence * weight[:, None] ** 2).T @ influence
    return float(gap @ np.linalg.pinv(spread, rcond=ALIASED, hermitian=True) @ gap)
