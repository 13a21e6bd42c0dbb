"""Canary audit: pairs of fits with and without a patient, each pair kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from ck4gen.config import as_dict, check_complete
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.metric import number as as_metric
from ck4gen.evaluation.privacy.canary import KINDS, area, choose_canaries
from ck4gen.evaluation.privacy.differencing import root_mean_squares
from ck4gen.evaluation.privacy.nearer_hypothesis import NearerHypothesis
from ck4gen.experiments import store
from ck4gen.experiments.canary_pair import Disclosed, difference, disclosed, membership
from ck4gen.experiments.fingerprint import source_hash
from ck4gen.experiments.own_class import check_name
from ck4gen.experiments.prepare import synthesizer
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.experiments.whole_cohort import of_all_patients, quiet_cohort
from ck4gen.methods.draw import check_rows
from ck4gen.models.training import TrainerSettings
from ck4gen.settings import InputError, build, choose, inner_share, whole_number
from ck4gen.survival.cox import CoxError

RESULT = "canary.json"
ATTACK = ["ck4gen.evaluation.privacy.canary", "ck4gen.experiments.canary_pair"]


def canary(config: DictConfig, progress: Callable[[int], None]) -> Path:
    """Fit ``pairs`` times with all patients and as often without each canary, and attack.

    A canary is one patient, whose presence is asked for in each table; or ``removed`` patients at
    once, of whom the difference of two tables tells. The other patients are the same in every fit
    and known to the attacker; the seed of each fit is its own, and the fits with all patients
    serve every canary. A pair that is on disk is not repeated, so an interrupted audit goes on
    where it stopped; the result is written last and at once.

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
    whom += f"-removed={config.removed}" * (config.removed > 1)
    whom += f"-draws={config.draws}" * (config.draws is not None)
    name = f"seed={config.seed}-{store.identity(config)}-{whom}"
    root = Path(config.output_dir).expanduser().absolute() / "canary"
    folder = root / config.data.name / config.method.name / name
    settings = build(TrainerSettings, "trainer", config.trainer)
    synthesizer(config)  # a wrong key is reported before anything is fitted or written
    with store.claim(folder), thread_limits(settings.threads):
        data = quiet_cohort(config)
        try:
            canaries = _canaries(config, data)
            hypotheses = {
                rows[0]: NearerHypothesis.of(data.train, rows, data.schema) for rows in canaries
            }
        except CoxError as error:
            raise InputError(f"the cohort has no Cox model to be attacked by ({error})") from error
        source = f"{store.generation_hash(config)} {source_hash(ATTACK)}"  # of a pair
        pairs: list[list[dict]] = [[] for _ in canaries]
        number = 0
        progress(0)
        with unfinished(lambda: goes_on(number, config.pairs, "pairs")):
            for number in range(config.pairs):
                seed = config.seed + 2 * number
                whole = cache(partial(disclosed, config, settings, data, [], seed))
                for rows, made in zip(canaries, pairs, strict=True):
                    file = folder / "pairs" / f"{rows[0]}-{number}.json"
                    without = partial(disclosed, config, settings, data, rows, seed + 1)
                    made.append(
                        store.read_part(file, source)
                        or {"source": source}
                        | _attacked(whole, without, data, rows, hypotheses[rows[0]], seed)
                    )
                    store.write_json(file, made[-1])
                progress(number + 1)
        store.write_json(folder / RESULT, _result(config, data, canaries, pairs))
    return folder


def check(config: DictConfig) -> None:
    """Check the keys of the root; the method and the data check their own."""
    whole_number("pairs", config.pairs, 2)
    whole_number("neighbours", config.neighbours, 1)
    whole_number("patients", config.patients, 1)
    whole_number("removed", config.removed, 1)
    if config.draws is not None:
        whole_number("draws", config.draws, 1)
    choose("kind", config.kind, tuple(KINDS))
    whole_number("seed", config.seed, 0)
    inner_share("confidence", config.confidence)
    check_rows(config.n_samples)
    check_complete(config)
    check_name(config.method)


def _canaries(config: DictConfig, data: SurvivalDataModule) -> list[list[int]]:
    """Rows of each canary; no patient is in two."""
    size = config.removed
    if size * (config.patients + 1) > len(data.train):
        raise InputError(
            f"removed is {size} and patients is {config.patients}, too many of the "
            f"{len(data.train)} patients of the cohort"
        )
    number = config.patients * size
    rows = choose_canaries(
        data.train, data.schema, config.kind, number, config.neighbours, config.seed
    )
    return [rows[start : start + size] for start in range(0, number, size)]


def _attacked(
    whole: Callable[[], Disclosed],
    without: Callable[[], Disclosed],
    data: SurvivalDataModule,
    rows: list[int],
    hypotheses: Mapping[str, NearerHypothesis],
    seed: int,
) -> dict:
    """Scores of a pair: of each table by itself, or of the difference of both."""
    if len(rows) > 1:
        return difference(whole(), without(), data, rows, hypotheses, seed)
    sides = {"present": whole(), "absent": without()}
    return {side: membership(of, data, rows[0], hypotheses) for side, of in sides.items()}


def _result(
    config: DictConfig,
    data: SurvivalDataModule,
    canaries: list[list[int]],
    pairs: list[list[dict]],
) -> dict:
    """Areas of each canary, and their mean and largest over all of them."""
    areas: list[dict[str, Metric]] = []
    for made in pairs:
        present, absent = ([pair[side] for pair in made] for side in ("present", "absent"))
        names = present[0]
        areas.append({name: area(present, absent, name, config.confidence) for name in names})
    metrics = {}
    for name in areas[0]:
        of_name = [of_canary[name] for of_canary in areas]
        if len(of_name) == 1:
            metrics[f"canary/{name}"] = of_name[0].as_dict()
        else:
            values = [metric.value for metric in of_name if metric.value is not None]
            metrics[f"canary/{name}"] = as_metric(np.mean(values)).as_dict()
            metrics[f"canary/{name}/max"] = as_metric(max(values)).as_dict()
    if config.removed > 1:
        errors = root_mean_squares([pair["recovered"] for made in pairs for pair in made])
        metrics |= {f"canary/recovered/{k}": as_metric(v).as_dict() for k, v in errors.items()}
    return {
        "dataset": config.data.name,
        "method": config.method.name,
        "kind": config.kind,
        "pairs": config.pairs,
        "removed": config.removed,
        "draws": config.draws,
        "canaries": [
            {
                "rows": rows,
                "patients": json.loads(data.train.iloc[rows].to_json(orient="records")),
                "areas": {name: metric.as_dict() for name, metric in of_canary.items()},
            }
            for rows, of_canary in zip(canaries, areas, strict=True)
        ],
        "metrics": metrics,
        "config": as_dict(config),
        **store.provenance(),
    }
