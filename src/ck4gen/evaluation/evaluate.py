"""All metrics of two tables under their flat names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation import competing_causes, complete_cases, fidelity, hazard
from ck4gen.evaluation.base.metric import FAULTS, Metric, absent, guarded
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.base.utility_settings import MODELS
from ck4gen.evaluation.control import separate_control, together
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.off_target import OFF_TARGET, off_target
from ck4gen.evaluation.plugged import plugged
from ck4gen.evaluation.privacy import worst_case
from ck4gen.evaluation.privacy.audit import privacy_metrics
from ck4gen.evaluation.reanalysis.reanalysis import METRICS, reanalysis
from ck4gen.evaluation.subgroups import SUBGROUPS, subgroups
from ck4gen.evaluation.survival import SURVIVAL, survival
from ck4gen.evaluation.utility import arms
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS, Release
from ck4gen.survival.cox import CoxError

DELAYED = "not defined for patients who enter late"


def evaluate(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    schema: Schema,
    *,
    settings: EvaluationSettings,
    holdout: pd.DataFrame | None = None,
    source: np.ndarray | None = None,
    comparison: CoxComparison | None = None,
    release: Release | None = None,
    further: Sequence[pd.DataFrame] = (),
) -> dict[str, Metric]:
    """Compare a synthetic table with the real one; ``docs/metrics.md`` defines every metric.

    Args:
        real: Training rows, (n, p + 2).
        synthetic: Synthetic rows, (m, p + 2).
        schema: Columns of both.
        settings: One leaf of ``conf/evaluation``, checked.
        holdout: Real rows that no part of the generator has seen.
        source: (m,) training row behind each synthetic row, then those of the further tables.
        comparison: The Cox models of both tables, where somebody else needs them too.
        release: What is known of the noise in the synthetic table's statistics.
        further: Synthetic tables that leave together with this one. Attacks and the worst case
            see the rows of all; whatever else is measured is that of the first.

    Returns:
        Every metric by name, in the same order for any pair of tables; one that cannot be
        computed has no value but a reason.
    """
    tables = real, synthetic, schema
    plugins = plugged(settings.extra)  # a wrong path fails before the long part
    comparison = comparison or CoxComparison(*tables, settings)
    metrics = _hazard(comparison)
    metrics |= guarded(complete_cases.NAMES, lambda: complete_cases.complete_cases(comparison))
    metrics |= competing_causes.competing_causes(comparison)
    metrics |= guarded(SURVIVAL, lambda: survival(*tables, settings))
    metrics |= _when(
        settings.reanalysis.compute, settings, tuple(METRICS), lambda: reanalysis(*tables, settings)
    )
    metrics |= guarded(fidelity.MARGINALS, lambda: fidelity.marginals(*tables))
    metrics |= guarded(fidelity.INVALID, lambda: fidelity.invalid(*tables))
    metrics |= _when(
        settings.c2st_folds > 0, settings, fidelity.C2ST, lambda: fidelity.c2st(*tables, settings)
    )
    metrics |= guarded(fidelity.PMSE, lambda: fidelity.pmse_ratio(*tables))
    evaluated, control = separate_control(synthetic, holdout)
    for model in MODELS:
        if schema.delayed_entry:
            metrics |= absent(arms.names(model), DELAYED)
            continue
        metrics |= _when(
            model in settings.utility.models,
            settings,
            arms.names(model),
            partial(arms.utility, model, real, evaluated, control, schema, settings),
        )
    count = 1 + len(further) if control is holdout else 1  # fresh rows are split, not joined
    leaving = together([evaluated, *further][:count])
    metrics |= privacy_metrics(real, leaving, control, source, schema, settings, count)
    compared = comparison if count == 1 else replace(comparison, synthetic=leaving)
    release_noise = (release or Release()).averaged(count)
    for kind, compute in (
        (HAZARD_RATIOS, worst_case.by_hazard_ratios),
        (COLUMNS, worst_case.by_columns),
    ):
        areas = partial(compute, compared, release_noise, settings.verdict)
        metrics |= guarded(worst_case.NAMES[kind], areas)
    source_rows = None if source is None else source[: len(synthetic)]
    keywords = {"settings": settings, "holdout": control, "source": source_rows}
    for one in plugins.values():
        rows = evaluated if "holdout" in one.keywords else synthetic
        metrics |= one.compute(real, rows, schema, **keywords)
    return metrics


def _hazard(comparison: CoxComparison) -> dict[str, Metric]:
    settings = comparison.settings
    names = (*hazard.ESTIMATES, *hazard.SCHOENFELD)
    try:
        sides = comparison.real_data, comparison.synthetic_data
        fitted = comparison.real_fit
    except FAULTS as error:
        names = (*names, *hazard.RISK, *OFF_TARGET, *SUBGROUPS)
        reason = f"no Cox model can be fitted: {error}"
        if isinstance(error, CoxError):
            reason += f"; set evaluation.penalizer above {settings.penalizer:g}"
        return absent(names, reason)
    try:
        pair = comparison.pair
        metrics = guarded(hazard.ESTIMATES, lambda: hazard.estimates(pair, *sides, settings))
        metrics |= _when(
            settings.schoenfeld,
            settings,
            hazard.SCHOENFELD,
            lambda: hazard.proportionality(pair, settings),
        )
    except CoxError as error:
        metrics = absent(names, f"no Cox model can be fitted: {error}")
    metrics |= guarded(hazard.RISK, lambda: hazard.risk(fitted, *sides))
    for part, compute in ((OFF_TARGET, off_target), (SUBGROUPS, subgroups)):
        if (terms := sides[0].design.shape[1]) > settings.most_terms:
            metrics |= absent(part, f"{terms} terms, more than evaluation.most_terms")
            continue
        metrics |= _when(
            settings.off_target,
            settings,
            part,
            partial(compute, *sides, comparison.schema, settings),
        )
    return metrics


def _when(
    enabled: bool,
    settings: EvaluationSettings,
    names: tuple[str, ...],
    compute: Callable[[], dict[str, Metric]],
) -> dict[str, Metric]:
    if not enabled:
        return absent(names, f"not computed under evaluation={settings.name}")
    return guarded(names, compute)
