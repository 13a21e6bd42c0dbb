"""False alarms of the privacy verdict: tables without a leak, and how many of them fail.

    python benchmarks/false_alarms.py [tables of each kind and cohort] [seed of the first]

Two kinds of tables know nothing of who was trained on: fresh patients (41 % of the cohort, beside
41 % for training and 18 % held out), and a cohort whose columns are shuffled (70 % and 30 %).
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from dataclasses import replace

import pandas as pd

from ck4gen.config import built, defaults
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy.audit import privacy_metrics
from ck4gen.evaluation.privacy.verdict import verdict
from ck4gen.methods.independent import Independent
from ck4gen.settings import build

COHORTS = ("gbsg2", "actg320", "whas500")
KINDS = ("by any metric", "by a metric on everybody", "by a vulnerable group")


Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def cohort_of(name: str, **split: object) -> SurvivalDataModule:
    """One of the cohorts, ready for use."""
    data = built(defaults(f"data={name}")["data"], **{"holdout": 0.3, **split})
    data.setup()
    return data


def fresh(name: str, seed: int) -> Tables:
    """Training rows, synthetic rows and held-out rows, all of them different patients."""
    table = cohort_of(name, split="release").train.sample(frac=1, random_state=seed)
    first, second = round(0.41 * len(table)), round(0.82 * len(table))
    parts = table[:first], table[first:second], table[second:]
    return tuple(part.reset_index(drop=True) for part in parts)


def shuffled(name: str, seed: int) -> Tables:
    """The same, with synthetic rows whose covariates were each drawn on their own."""
    data = cohort_of(name, split="audit", split_seed=seed)
    return data.train, Independent().fit(data).sample(seed=seed), data.holdout


def main() -> None:
    """Count the failures and what they rest on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="?", type=int, default=40)
    parser.add_argument("first", nargs="?", type=int, default=0)
    given = parser.parse_args()
    settings = build(EvaluationSettings, "evaluation", defaults()["evaluation"])
    settings = replace(settings, privacy=replace(settings.privacy, power_replicates=0))
    counted: Counter[str] = Counter()
    for cohort in COHORTS:
        schema = cohort_of(cohort, split="release").schema
        for kind in (fresh, shuffled):
            for seed in range(given.first, given.first + given.tables):
                real, synthetic, holdout = kind(cohort, seed)
                metrics = privacy_metrics(real, synthetic, holdout, None, schema, settings)
                found = verdict(metrics, settings.verdict, len(real), False, False)
                counted += _failures(found["findings"])
    every = len(COHORTS) * 2 * given.tables
    for name in (*KINDS, *sorted({*counted} - {*KINDS})):
        print(f"{name}: {counted[name]} of {every} tables, {counted[name] / every:.3f}")


def _failures(findings: dict[str, dict]) -> Counter[str]:
    """The metrics that fail a table, and whether any of all, of the main ones, of the groups."""
    failed = [name for name, found in findings.items() if found["status"] == "fail"]
    groups = [name for name in failed if name.count("/") > 1]
    found = bool(failed), len(groups) < len(failed), bool(groups)
    return Counter(failed) + Counter(dict(zip(KINDS, map(int, found), strict=True)))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
