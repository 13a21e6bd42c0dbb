"""Linear reconstruction: a hidden column, solved from the statistics that the table keeps."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.intervals import shifted
from ck4gen.evaluation.privacy.permutation_advantage import null_gains

NAMES = (
    "privacy/reconstruction",
    "privacy/reconstruction_attack",
    "privacy/reconstruction_control",
)
ALIASED = 1e-9  # eigenvalues below this share of the largest one belong to aliased statistics
TINY = 1e-12  # a solution of this size is none
PATIENTS = 4  # to each product, at least
INFO = (
    MetricInfo(
        NAMES[0],
        "Reconstruction",
        "what the table's statistics tell of a hidden column of patients used, over others",
        ideal=0,
        null=0.0,
    ),
    MetricInfo(NAMES[1], "used", "correlation of what they tell with the truth, patients used"),
    MetricInfo(NAMES[2], "others", "the same of patients held out"),
)


def linear_reconstruction(tables: AuditedTables) -> dict[str, Metric]:
    """The linear reconstruction of Annamalai, Gadotti and Rocher 2024, as a test with a control.

    The attacker knows all columns of all patients but one, and wants that one: a covariate or the
    event. She reads off the table the means of the hidden column times each known term and each
    product of two, beyond what a linear model of the table explains, and takes for the patients
    the values that solve these equations with the least squares. An exact table of n patients and
    q statistics tells a correlation of sqrt(q / n) with what is left of the truth.

    They solve for patients used alone, by a linear program. Here the equations hold for patients
    used and held out together, so both are told by one function of what is known of them, and
    without a leak the difference has the mean 0; labels drawn anew give its interval.

    Args:
        tables: The tables under audit, with held-out patients.

    Raises:
        ValueError: Values are missing, there are more than ``most_terms`` terms, or products of two
            columns tell nothing of a third.
    """
    settings = tables.settings.privacy
    whole, most = tables.schema.with_outcome(integer=False), tables.settings.most_terms
    if (terms := len(whole.design_names)) > most:
        raise ValueError(f"{terms} terms, more than evaluation.most_terms")
    targets, rows = (whole.design(table) for table in (tables.patients, tables.synthetic))
    if targets.isna().any(axis=None) or rows.isna().any(axis=None):
        raise ValueError("missing values")
    mean, sd = targets.mean(), targets.std(ddof=0).replace(0.0, 1.0)
    targets, rows = (targets - mean) / sd, (rows - mean) / sd
    hidden = [column for column in whole if column.name != DURATION]
    each = (_agreement(targets, rows, column.design_names, settings) for column in hidden)
    agreements = [one for one in each if one is not None]
    if not agreements:
        raise ValueError("the table tells nothing of a column by two others")
    success = np.mean(agreements, 0)
    used, others = success[tables.train].mean(), success[~tables.train].mean()
    null = null_gains(success[:, None], tables.train, settings.permutations, settings.seed)[:, 0]
    gained = shifted(used - others, null, 0.0, tables.settings.confidence)
    return dict(zip(NAMES, (gained, number(used), number(others)), strict=True))


def _agreement(
    targets: pd.DataFrame, rows: pd.DataFrame, hidden: tuple[str, ...], settings: PrivacySettings
) -> np.ndarray | None:
    """(N,) how well the solution agrees with each patient's hidden terms, 1 for a perfect one.

    Args:
        targets: (N, d) standardised terms of the patients.
        rows: (m, d) those of the table, in the same units.
        hidden: Terms of the column that the attacker wants.
        settings: How many statistics she reads.

    Returns:
        None where the column does not vary, or the table tells nothing of it.
    """
    visible = [name for name in targets if name not in hidden]
    varying = [name for name in hidden if targets[name].any()]
    if not visible or not varying:
        return None
    straight, straight_rows = _with_one(targets[visible]), _with_one(rows[visible])
    slopes = np.linalg.lstsq(straight_rows, rows[varying].to_numpy(), rcond=None)[0]
    left, left_rows = (
        (targets[varying] - straight @ slopes),
        (rows[varying] - straight_rows @ slopes),
    )
    pairs = _pairs(len(visible), min(settings.statistics, len(targets) // PATIENTS), settings.seed)
    features, of_rows = _products(straight, pairs), _products(straight_rows, pairs)
    kept = of_rows.T @ left_rows.to_numpy() / len(rows)  # all that she reads off the table
    gram = features.T @ features / len(features)
    solution = features @ np.linalg.pinv(gram, rcond=ALIASED, hermitian=True) @ kept
    truth = left.to_numpy()
    scale = np.sqrt((solution**2).mean() * (truth**2).mean()) * len(varying)
    return None if scale <= TINY else np.asarray((solution * truth).sum(1) / scale)


def _with_one(terms: pd.DataFrame) -> np.ndarray:
    return np.column_stack([np.ones(len(terms)), terms.to_numpy(float)])


def _pairs(terms: int, most: int, seed: int) -> np.ndarray:
    """(k, 2) places of the factors of each statistic: all pairs, or ``most`` of them at random."""
    every = np.array(list(combinations_with_replacement(range(1, terms + 1), 2)))
    if len(every) <= most:
        return every
    return np.random.default_rng([seed, 9]).permutation(every)[:most]


def _products(straight: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(n, 1 + d + k) one, the known terms, and products of two."""
    return np.hstack([straight, straight[:, pairs[:, 0]] * straight[:, pairs[:, 1]]])
