"""Shadow audit: tables of halves of the cohort, and what an attacker learns from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from ck4gen.config import as_dict, check_complete
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import EVENT
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.privacy.shadow import measures
from ck4gen.evaluation.privacy.shadow.features import ATTACKS, Reader
from ck4gen.evaluation.privacy.shadow.learning import CLASSIFIERS, Learner
from ck4gen.evaluation.privacy.shadow.queries import Queries
from ck4gen.evaluation.privacy.shadow.targets import choose_targets, vulnerability
from ck4gen.experiments import store
from ck4gen.experiments.own_class import check_name
from ck4gen.experiments.prepare import synthesizer
from ck4gen.experiments.shadow_tables import halves, make_tables, read_tables
from ck4gen.experiments.whole_cohort import of_all_patients, quiet_cohort
from ck4gen.methods.draw import check_rows
from ck4gen.settings import InputError, choose, inner_share, whole_number

RESULT = "shadow.json"
ALL = "all"  # the group of every target


def shadow(config: DictConfig, progress: Callable[[int], None]) -> Path:
    """Make the tables that are missing and attack them.

    Each table is made of a random half of the patients, under a seed of its own. So one set of
    tables serves all targets (Carlini et al. 2022), and further ones are attacked without a fit.
    The attacker knows the target and has tables made by the same program of patients of the same
    kind, of whom it is known who was in (Stadler et al. 2022; Houssiau et al. 2022).

    Args:
        config: ``conf/shadow.yaml``, composed.
        progress: Called with the number of tables that are there.

    Returns:
        The folder of the result.

    Raises:
        InputError: The configuration or the cohort cannot be used.
    """
    check(config)
    config = of_all_patients(config)
    name = f"seed={config.seed}-{store.identity(config)}"
    root = Path(config.output_dir).expanduser().absolute() / "shadow"
    folder = root / config.data.name / config.method.name / name
    synthesizer(config)  # a wrong key is reported before anything is fitted or written
    with store.claim(folder):
        data = _cohort(config)
        inside = halves(data.train[EVENT], config.divisions, config.seed)
        files = make_tables(config, folder / "tables", inside, progress)
        tables = read_tables(files, data.schema)
        store.write_json(folder / RESULT, result(config, data, inside, tables))
    return folder


def check(config: DictConfig) -> None:
    """Check the keys of the root; the method and the data check their own."""
    whole_number("folds", config.folds, 2)
    whole_number("divisions", config.divisions, config.folds)
    for key in ("vulnerable", "random", "seed"):
        whole_number(key, config[key], 0)
    for key in ("neighbours", "queries", "trees", "bootstraps"):
        whole_number(key, config[key], 1)
    if config.vulnerable + config.random < 1:
        raise InputError("vulnerable and random are 0; at least one target is needed")
    for attack in config.attacks:
        choose("attacks", attack, tuple(ATTACKS))
    choose("classifier", config.classifier, CLASSIFIERS)
    for share in (config.confidence, *config.false_positives):
        inner_share("confidence or false_positives", share)
    if config.workers != -1:
        whole_number("workers", config.workers, 1)
    check_rows(config.n_samples)
    check_complete(config)
    check_name(config.method)


def _cohort(config: DictConfig) -> SurvivalDataModule:
    data = quiet_cohort(config)
    blank = data.train.columns[data.train.isna().any()]
    if len(blank):
        raise InputError(
            f"{', '.join(blank)} have blanks, and no distance to them is known; "
            "add data.missing=impute"
        )
    if config.vulnerable + config.random > len(data.train):
        raise InputError(
            f"vulnerable and random ask for {config.vulnerable + config.random} targets, and "
            f"there are {len(data.train)} patients"
        )
    return data


@dataclass(frozen=True)
class _Scores:
    """Log odds of the tables with and without each target, (k, divisions) each."""

    present: np.ndarray
    absent: np.ndarray


def result(
    config: DictConfig,
    data: SurvivalDataModule,
    inside: np.ndarray,
    tables: list[pd.DataFrame],
) -> dict:
    """Attack the tables.

    Args:
        config: ``conf/shadow.yaml``, composed.
        data: The cohort, set up.
        inside: (t, n) who is in which table.
        tables: The tables.

    Returns:
        Metrics by ``shadow/<group>/<attack>/<measure>``, and the areas of each target.
    """
    exposure = vulnerability(data.train, data.schema, config.neighbours)
    chosen = choose_targets(exposure, config.vulnerable, config.random, config.seed)
    rows = list(chosen)
    scores = _attacked(config, data, inside[:, rows], tables, rows)
    groups = {kind: [kind == k for k in chosen.values()] for kind in dict.fromkeys(chosen.values())}
    if len(groups) > 1:
        groups[ALL] = [True] * len(rows)
    metrics: dict[str, Metric] = {}
    for group, members in groups.items():
        for attack, attack_scores in scores.items():
            part = _Scores(attack_scores.present[members], attack_scores.absent[members])
            measured = _measured(config, part, len(rows) * len(scores))
            metrics |= {f"shadow/{group}/{attack}/{name}": m for name, m in measured.items()}
    each = {
        name: measures.areas(attack_scores.present, attack_scores.absent)
        for name, attack_scores in scores.items()
    }
    return {
        "dataset": config.data.name,
        "method": config.method.name,
        "divisions": config.divisions,
        "tables": len(tables),
        "targets": [
            {
                "row": row,
                "kind": kind,
                "vulnerability": float(exposure[row]),
                "areas": {name: float(areas[index]) for name, areas in each.items()},
            }
            for index, (row, kind) in enumerate(chosen.items())
        ],
        "metrics": {name: metric.as_dict() for name, metric in metrics.items()},
        "config": as_dict(config),
        **store.provenance(),
    }


def _attacked(
    config: DictConfig,
    data: SurvivalDataModule,
    inside: np.ndarray,
    tables: list[pd.DataFrame],
    rows: list[int],
) -> Mapping[str, _Scores]:
    """Scores of every target by attack."""
    targets = data.train.iloc[rows].reset_index(drop=True)
    queries = Queries.drawn(
        data.train, targets, data.schema, config.queries, config.tolerance, config.seed
    )
    reader = Reader(data.train, targets, data.schema, queries)
    read = [reader.features(table, config.attacks) for table in tables]
    learner = Learner(config.classifier, config.spread, config.trees, config.folds, config.seed)
    scores_by_attack = {}
    for attack in config.attacks:
        features = np.stack([one[attack] for one in read], 1)  # (k, t, d)
        odds = np.array(
            [learner.scores(of, member) for of, member in zip(features, inside.T, strict=True)]
        )
        scores_by_attack[attack] = _Scores(*measures.sides(odds, inside.T))
    return scores_by_attack


def _measured(config: DictConfig, scores: _Scores, tests: int) -> dict[str, Metric]:
    """Areas, hits at shares of false alarms, and epsilon, of one group and attack."""
    sides, level = (scores.present, scores.absent), config.confidence
    drawn = {"bootstraps": config.bootstraps, "confidence": level, "seed": config.seed}
    measured = {
        "auc": measures.mean_area(*sides, **drawn),
        "auc_max": measures.largest_area(*sides, level),
    }
    for share in config.false_positives:
        measured[f"tpr_at_{share:g}"] = measures.hits(*sides, share, **drawn)
    return measured | {"epsilon": measures.epsilon(*sides, level, tests)}
