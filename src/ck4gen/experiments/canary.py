"""Canary audit: pairs of fits with and without one patient, each pair kept on disk."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from omegaconf import DictConfig, OmegaConf
from threadpoolctl import threadpool_limits

from ck4gen.config import as_dict, check_complete
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.evaluation.privacy.canary import SCORES, area, attack_scores, choose_canary
from ck4gen.experiments import store
from ck4gen.experiments.fingerprint import source_hash
from ck4gen.experiments.run import data_module, synthesizer
from ck4gen.methods.draw import check_rows
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, at_least, build

RESULT = "canary.json"
ATTACK = ["ck4gen.evaluation.privacy.canary"]


def canary(config: DictConfig, progress: Callable[[int], None]) -> Path:
    """Fit ``pairs`` times with the canary and as often without, and attack every table.

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
    _check(config)
    # every patient is trained on, but for the canary: nothing is held out
    split = {"split": "release", "holdout": 0.5, "split_seed": 0}
    config = OmegaConf.create(as_dict(config) | split)
    name = f"seed={config.seed}-{store.identity(config)}-{config.neighbours}"
    root = Path(config.output_dir).expanduser().absolute() / "canary"
    folder = root / config.data.name / config.method.name / name
    settings = build(TrainerSettings, "trainer", config.trainer)
    synthesizer(config)  # a wrong key is reported before anything is fitted or written
    with store.claim(folder), threadpool_limits(settings.threads):
        data = _quiet(config)
        chosen = choose_canary(data.train, data.schema, config.neighbours)
        source = f"{store.generation_hash(config)} {source_hash(ATTACK)}"  # of a pair
        pairs = []
        for number in range(config.pairs):
            file = folder / "pairs" / f"{number}.json"
            pairs.append(
                store.read_part(file, source)
                or {"source": source} | _pair(config, settings, data, chosen, number)
            )
            store.write_json(file, pairs[-1])
            progress(number + 1)
        store.write_json(folder / RESULT, _result(config, data, chosen, pairs))
    return folder


def _check(config: DictConfig) -> None:
    at_least("pairs", config.pairs, 2)
    at_least("neighbours", config.neighbours, 1)
    at_least("seed", config.seed, 0)
    if not 0 < config.confidence < 1:
        raise InputError(f"confidence is {config.confidence}; it lies between 0 and 1")
    check_rows(config.n_samples)
    check_complete(config)


def _quiet(config: DictConfig) -> SurvivalDataModule:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a run of the same cohort shows them
        return data_module(config)


def _pair(
    config: DictConfig,
    settings: TrainerSettings,
    data: SurvivalDataModule,
    chosen: int,
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
        # nothing is released, so the seed is secret enough and the result can be repeated
        training = Training(settings, seed, str(seed).encode())
        method = synthesizer(config).fit(world, training=training)
        table = method.sample(config.n_samples, seed)
        found[side] = attack_scores(table, target, patients, data.schema)
    return found


def _result(config: DictConfig, data: SurvivalDataModule, chosen: int, pairs: list[dict]) -> dict:
    present, absent = ([pair[side] for pair in pairs] for side in ("present", "absent"))
    target: pd.Series = data.train.iloc[chosen]
    return {
        "dataset": config.data.name,
        "method": config.method.name,
        "pairs": len(pairs),
        "canary": json.loads(target.to_json()),
        "metrics": {
            f"canary/{name}": area(present, absent, name, config.confidence).as_dict()
            for name in SCORES
        },
        "config": as_dict(config),
        **store.provenance(),
    }
