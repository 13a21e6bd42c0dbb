"""Canary audit: pairs of fits with and without a patient, each pair kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from ck4gen.config import as_dict, check_complete
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.metric import number as as_metric
from ck4gen.evaluation.privacy.canary import (
    KINDS,
    SCORES,
    NearerHypothesis,
    area,
    attack_scores,
    choose_canaries,
)
from ck4gen.experiments import store
from ck4gen.experiments.fingerprint import source_hash
from ck4gen.experiments.prepare import synthesizer
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.experiments.whole_cohort import of_all_patients, quiet_cohort
from ck4gen.methods.draw import check_rows
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, at_least, build, choose
from ck4gen.survival.cox import CoxError

RESULT = "canary.json"
ATTACK = ["ck4gen.evaluation.privacy.canary"]


def canary(config: DictConfig, progress: Callable[[int], None]) -> Path:
    """Fit ``pairs`` times with each canary and as often without, and attack every table.

    The other patients are the same in every fit and known to the attacker; the seed of each fit
    is its own. A pair that is on disk is not repeated, so an interrupted audit goes on where it
    stopped; the result is written last and at once.

    Args:
        config: ``conf/canary.yaml``, composed.
        progress: Called with the number of pairs that are done.

    Returns:
        The folder of the result.

    Raises:
        InputError: The configuration or the cohort cannot be used.
    """
    check(config)
    config = of_all_patients(config)  # every patient is trained on, but for the canary
    whom = f"{config.kind}-{config.patients}-{config.neighbours}"
    name = f"seed={config.seed}-{store.identity(config)}-{whom}"
    root = Path(config.output_dir).expanduser().absolute() / "canary"
    folder = root / config.data.name / config.method.name / name
    settings = build(TrainerSettings, "trainer", config.trainer)
    synthesizer(config)  # a wrong key is reported before anything is fitted or written
    with store.claim(folder), thread_limits(settings.threads):
        data = quiet_cohort(config)
        try:
            chosen = choose_canaries(
                data.train,
                data.schema,
                config.kind,
                config.patients,
                config.neighbours,
                config.seed,
            )
            known = {row: NearerHypothesis.of(data.train, row, data.schema) for row in chosen}
        except CoxError as error:
            raise InputError(f"the cohort has no Cox model to be attacked by ({error})") from error
        source = f"{store.generation_hash(config)} {source_hash(ATTACK)}"  # of a pair
        pairs: dict[int, list[dict]] = {row: [] for row in chosen}
        number = 0
        progress(0)
        with unfinished(lambda: goes_on(number, config.pairs, "pairs")):
            for number in range(config.pairs):
                for row in chosen:
                    file = folder / "pairs" / f"{row}-{number}.json"
                    pairs[row].append(
                        store.read_part(file, source)
                        or {"source": source}
                        | _pair(config, settings, data, row, known[row], number)
                    )
                    store.write_json(file, pairs[row][-1])
                progress(number + 1)
        store.write_json(folder / RESULT, _result(config, data, pairs))
    return folder


def check(config: DictConfig) -> None:
    """Check the keys of the root; the method and the data check their own."""
    at_least("pairs", config.pairs, 2)
    at_least("neighbours", config.neighbours, 1)
    at_least("patients", config.patients, 1)
    choose("kind", config.kind, tuple(KINDS))
    at_least("seed", config.seed, 0)
    if not 0 < config.confidence < 1:
        raise InputError(f"confidence is {config.confidence}; it lies between 0 and 1")
    check_rows(config.n_samples)
    check_complete(config)


def _pair(
    config: DictConfig,
    settings: TrainerSettings,
    data: SurvivalDataModule,
    chosen: int,
    known: NearerHypothesis,
    number: int,
) -> dict:
    """Scores of one table made with the canary and of one made without."""
    patients, target = data.train, data.train.iloc[[chosen]]
    found = {}
    for at, (side, rows) in enumerate(
        {"present": patients, "absent": patients.drop(index=chosen)}.items()
    ):
        world = data.with_parts(rows, None)
        seed = config.seed + 2 * number + at
        training = Training.unreleased(settings, seed)
        method = synthesizer(config).fit(world, training=training)
        table = method.sample(config.n_samples, seed)
        found[side] = attack_scores(table, target, patients, data.schema) | {
            "hazard_ratios": known.score(table, patients, data.schema)
        }
    return found


def _result(config: DictConfig, data: SurvivalDataModule, pairs: dict[int, list[dict]]) -> dict:
    """Areas of each canary, and their mean and largest over all of them."""
    areas: dict[int, dict[str, Metric]] = {}
    for row, made in pairs.items():
        present, absent = ([pair[side] for pair in made] for side in ("present", "absent"))
        areas[row] = {name: area(present, absent, name, config.confidence) for name in SCORES}
    metrics = {}
    for name in SCORES:
        of_name = [areas[row][name] for row in areas]
        if len(of_name) == 1:
            metrics[f"canary/{name}"] = of_name[0].as_dict()
        else:
            values = [metric.value for metric in of_name if metric.value is not None]
            metrics[f"canary/{name}"] = as_metric(np.mean(values)).as_dict()
            metrics[f"canary/{name}/max"] = as_metric(max(values)).as_dict()
    return {
        "dataset": config.data.name,
        "method": config.method.name,
        "kind": config.kind,
        "pairs": config.pairs,
        "canaries": [
            {
                "row": row,
                "patient": json.loads(data.train.iloc[row].to_json()),
                "areas": {name: metric.as_dict() for name, metric in of_row.items()},
            }
            for row, of_row in areas.items()
        ],
        "metrics": metrics,
        "config": as_dict(config),
        **store.provenance(),
    }
