"""Chosen patients, and what an attacker makes of a table that may hold their trace."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.privacy.gower import coordinates, neighbours
from ck4gen.evaluation.privacy.intervals import hanley_mcneil
from ck4gen.guard.influence import leverages
from ck4gen.survival.cox_data import cox_data

WEIGHTS = "weights"
SCORES = {  # what the attacker knows of the canary, and looks for
    "record": "the nearest row, covariates and outcome together",
    "covariates": "the nearest row by covariates",
    "outcome": "the nearest time among rows with the same event flag",
    "values": "the nearest value of each covariate, in whatever row",
    "hazard_ratios": "whether the hazard ratios are nearer to those with the canary",
    "columns": "whether means and SDs of the columns are nearer to those with the canary",
    WEIGHTS: "the weight that the numbers in the sampler's file give the canary",
}
KINDS = {  # whom the audit takes out
    "outliers": "the patients farthest from their neighbours",
    "influential": "the patients who move the hazard ratios most",
    "random": "patients drawn at random",
}


def choose_canaries(
    patients: pd.DataFrame, schema: Schema, kind: str, number: int, count: int, seed: int
) -> list[int]:
    """Rows of the patients who are taken out in turn.

    Real patients rather than made-up ones (our choice): the question of a custodian is what
    becomes of the patients of this cohort, and made-up extremes would widen the ranges that the
    transforms of a generator learn.

    Args:
        patients: The cohort.
        schema: Its columns.
        kind: One of ``KINDS``.
        number: How many.
        count: Neighbours to whom the distance of an outlier is taken, on average.
        seed: Seed of a random choice.

    Raises:
        CoxError: ``influential`` is asked for, and the cohort has no Cox model.
    """
    if kind == "random":
        chosen = np.random.default_rng(seed).permutation(len(patients))
    elif kind == "outliers":
        points = coordinates(patients, patients, schema)
        distances, _ = neighbours(points, points, count + 1)
        chosen = np.argsort(-distances[:, 1:].mean(1), kind="stable")
    else:
        influence = cox_data(patients, patients, schema).fit().influence
        ones = np.ones(len(influence))
        chosen = np.argsort(-leverages(influence, ones, influence.T @ influence), kind="stable")
    return [int(row) for row in chosen[:number]]


def attack_scores(
    synthetic: pd.DataFrame, canary: pd.DataFrame, patients: pd.DataFrame, schema: Schema
) -> dict[str, float]:
    """How near the synthetic table comes to the canary: minus a distance, in SDs; 0 is a hit.

    Args:
        synthetic: (m, p + 2) synthetic rows, all that the attacker sees.
        canary: (1, p + 2) the canary.
        patients: Rows that give the scale.
        schema: Columns of all.
    """
    whole = schema.with_outcome(integer=False)
    covariates, record = (
        [coordinates(table, patients, columns) for table in (synthetic, canary)]
        for columns in (schema, whole)
    )
    same = synthetic[synthetic[EVENT] == canary[EVENT].iloc[0]]
    rows = same if len(same) else synthetic
    gap = (rows[DURATION] - canary[DURATION].iloc[0]).abs().min()
    distance_by_attack = {
        "record": np.linalg.norm(record[0] - record[1], axis=1).min(),
        "covariates": np.linalg.norm(covariates[0] - covariates[1], axis=1).min(),
        "outcome": gap / patients[DURATION].astype(float).std(),
        "values": np.abs(covariates[0] - covariates[1]).min(0).mean(),
    }
    return {name: -float(distance) for name, distance in distance_by_attack.items()}


def area(
    present: list[dict[str, float]], absent: list[dict[str, float]], name: str, confidence: float
) -> Metric:
    """Area under the curve of one score, tables with the canary against tables without."""
    scores = [table[name] for table in (*present, *absent)]
    labels = np.arange(len(scores)) < len(present)
    auc = float(roc_auc_score(labels, scores))
    return number(auc, *hanley_mcneil(auc, len(present), len(absent), confidence))
