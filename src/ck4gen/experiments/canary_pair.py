"""One pair of fits of a canary audit, with and without some patients, and what attackers read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.evaluation.privacy import differencing
from ck4gen.evaluation.privacy.canary import WEIGHTS, attack_scores
from ck4gen.evaluation.privacy.nearer_hypothesis import NearerHypothesis, mean_statistics
from ck4gen.experiments.prepare import synthesizer
from ck4gen.models.training import TrainerSettings, Training

TABLE, HOLDER = "", "sampler/"  # begin the names of scores: who reads
Scores = dict[str, float]


@dataclass(frozen=True)
class Disclosed:
    """What attackers have of one fit.

    Attributes:
        tables: By reader, the tables: the one released, and those that the holder of the sampler
            draws herself.
        weights: (n,) weight of each patient of the cohort in the fit, by the numbers in the file
            of the sampler; None without a holder or such a file.
    """

    tables: Mapping[str, list[pd.DataFrame]]
    weights: np.ndarray | None


def disclosed(
    config: DictConfig,
    settings: TrainerSettings,
    data: SurvivalDataModule,
    left_out: list[int],
    seed: int,
) -> Disclosed:
    """Fit without some patients.

    The holder draws without calibration: that gives a draw the targets that she reads in the file
    anyhow, for a hundred times the time.

    Args:
        config: ``conf/canary.yaml``, composed.
        settings: Trainer settings.
        data: The cohort.
        left_out: Rows that are not fitted on.
        seed: Seed of the fit and of the table.
    """
    world = data.with_parts(data.train.drop(index=left_out), None)
    training = Training.unreleased(settings, seed)
    method = synthesizer(config).fit(world, training=training)
    tables = {TABLE: [method.sample(config.n_samples, seed)]}
    if config.draws is None:
        return Disclosed(tables, None)
    plain = method.uncalibrated() or method
    first = (seed + 1) * config.draws  # every fit has draws of its own
    drawn = [plain.sample(config.n_samples, first + draw) for draw in range(config.draws)]
    return Disclosed(tables | {HOLDER: drawn}, method.solved_weights(data.cohort))


def membership(
    of: Disclosed, data: SurvivalDataModule, row: int, hypotheses: Mapping[str, NearerHypothesis]
) -> Scores:
    """By reader and attack, how much speaks for this patient in one fit.

    Args:
        of: What is known of the fit.
        data: The cohort.
        row: The patient.
        hypotheses: Statistics with and without the patient.
    """
    patients, target = data.train, data.train.iloc[[row]]
    scores: Scores = {}
    for reader, tables in of.tables.items():
        each = [attack_scores(table, target, patients, data.schema) for table in tables]
        reader_scores: Scores = pd.DataFrame(each).mean().to_dict()
        read = mean_statistics(tables, patients, data.schema)
        reader_scores |= {kind: one.score(read[kind]) for kind, one in hypotheses.items()}
        scores |= {reader + name: score for name, score in reader_scores.items()}
    if of.weights is not None:
        scores[HOLDER + WEIGHTS] = float(of.weights[row])
    return scores


def difference(
    first: Disclosed,
    second: Disclosed,
    data: SurvivalDataModule,
    removed: list[int],
    hypotheses: Mapping[str, NearerHypothesis],
    seed: int,
) -> dict[str, Any]:
    """What two releases tell of patients who are in the first alone.

    Args:
        first: The release of all patients.
        second: That without some.
        data: The cohort.
        removed: Rows of those.
        hypotheses: Statistics with and without them.
        seed: Seed of the choice of others, whom the attacker is to tell from them.

    Returns:
        Scores of those removed (``present``) and of others (``absent``); ``recovered`` by reader
        and term, the error of their recovered mean in SDs, and that of the mean of all.
    """
    patients, schema = data.train, data.schema
    others = differencing.others(len(patients), removed, seed)
    groups = {"present": removed, "absent": others}
    by_side = {"present": hypotheses, "absent": NearerHypothesis.of(patients, others, schema)}
    scores: dict[str, Any] = {side: {} for side in groups}
    scores["recovered"] = {"guessed": differencing.guessed(data.cohort, removed)}
    for reader in first.tables:
        tables = [release.tables[reader] for release in (first, second)]
        read = [mean_statistics(of_release, patients, schema) for of_release in tables]
        for side, kinds in by_side.items():
            for kind, one in kinds.items():
                scores[side][reader + kind] = one.score_of_difference(*(r[kind] for r in read))
        before, after = (differencing.means(of_release, schema) for of_release in tables)
        name = reader.rstrip("/") or "table"
        scores["recovered"][name] = differencing.recovered(before, after, data.cohort, removed)
    if second.weights is not None:
        for side, group in groups.items():
            scores[side][HOLDER + WEIGHTS] = -float(second.weights[group].mean())
    return scores
