"""The patients that averages hide: those who move the hazard ratios, and those unlike the rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import FAULTS, Metric
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.privacy.gower import coordinates, neighbours
from ck4gen.survival.cox_data import cox_data
from ck4gen.survival.partial_likelihood import PartialLikelihood

GROUPS = ("leverage", "outliers")


def high_risk_patients(
    patients: pd.DataFrame, real: pd.DataFrame, schema: Schema, settings: PrivacySettings
) -> dict[str, np.ndarray | str]:
    """Which patients belong to each group, or the reason why nobody can say.

    Selection is blind to who was trained on, so that members and controls are alike.

    Args:
        patients: Training rows, then the held-out rows where there are any.
        real: Training rows, which give the scale.
        schema: Columns of both.
        settings: Share of patients in a group, neighbours of an outlier.

    Returns:
        (n,) mask by group: ``leverage``, the largest scaled dfbeta of the Cox model (max over
        terms of |dfbeta| / se); ``outliers``, the largest mean distance to the nearest others.
    """
    leverage: np.ndarray | str
    try:
        leverage = _top(_dfbeta(patients, real, schema), settings.vulnerable_share)
    except FAULTS as error:
        leverage = f"no Cox model can be fitted: {error}"
    points = coordinates(patients, real, schema)
    distances, _ = neighbours(points, points, settings.outlier_neighbours + 1)
    outlying = distances[:, 1:].mean(1)  # the first neighbour is the patient, 0 away
    masks = leverage, _top(outlying, settings.vulnerable_share)
    return dict(zip(GROUPS, masks, strict=True))


def _dfbeta(patients: pd.DataFrame, real: pd.DataFrame, schema: Schema) -> np.ndarray:
    """(n,) largest |dfbeta| / se over terms: score residuals times the covariance.

    Breslow's form at ties, at the solution of the main model, whose ties are Efron's.
    """
    sample = cox_data(patients, real, schema)
    fit = sample.fit()
    sets = sample.risk_sets_with("breslow")
    centred = (sample.design - sample.design.mean()).to_numpy(float)
    score = PartialLikelihood(sets, centred).score_residuals(fit.coefficients.to_numpy())
    return np.abs(score @ fit.covariance / fit.standard_errors.to_numpy()).max(1)


def _top(values: np.ndarray, share: float) -> np.ndarray:
    """The largest ``share`` of values, at least one; ties by row."""
    top = np.argsort(-values, kind="stable")[: max(1, round(share * len(values)))]
    return np.isin(np.arange(len(values)), top)


def group_metrics(
    name: str,
    groups: dict[str, np.ndarray | str],
    compute: Callable[[np.ndarray], Metric],
) -> dict[str, Metric]:
    """``name/<group>`` for each group; a group that nobody can name keeps its reason."""
    return {
        f"{name}/{group}": Metric(None, reason=member)
        if isinstance(member, str)
        else compute(member)
        for group, member in groups.items()
    }
