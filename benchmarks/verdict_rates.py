"""How often the privacy verdict gives which answer, where the truth is known.

    python benchmarks/verdict_rates.py [tables of a kind] [seed of the first] [--patients 500 2000]
    python benchmarks/verdict_rates.py 20 --patients 500 --folds 10   # cross-fitted

Tables that cannot leak: fresh patients; columns drawn each on its own; CART fitted to other
patients. Tables that do: fresh patients with 3 % or 10 % of the rows replaced by patients that the
table is audited against; CART and a bootstrap of these. Patients are drawn from ACTG320 and
FLChain (from FLChain alone where that is too small), 70 % to train, 30 % held out; with folds each
patient is held out once.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

import ck4gen
from ck4gen.config import defaults
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import EVENT
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy.audit import leaks
from ck4gen.evaluation.privacy.crossfit import FoldTable, crossfit_leaks
from ck4gen.evaluation.privacy.verdict import verdict
from ck4gen.evaluation.statuses import STATUSES
from ck4gen.experiments.crossfit import fold_rows
from ck4gen.markdown import markdown
from ck4gen.methods.bootstrap import Bootstrap
from ck4gen.methods.cart import CART
from ck4gen.methods.independent import Independent
from ck4gen.settings import build

COHORTS = ("actg320", "flchain")
HELD_OUT = 0.3


@dataclass(frozen=True)
class World:
    """Training rows, held-out rows and as many other patients as training rows."""

    data: SurvivalDataModule
    real: pd.DataFrame
    holdout: pd.DataFrame
    other: pd.DataFrame


def folded(data: SurvivalDataModule, patients: int, seed: int, folds: int) -> list[World] | None:
    """A world without each fold of the same patients; the others are drawn anew for each."""
    order = data.train.sample(frac=1, random_state=seed).reset_index(drop=True)
    used, others = order.iloc[:patients].reset_index(drop=True), order.iloc[patients:]
    worlds = []
    for number, held_out in enumerate(fold_rows(used[EVENT], folds, seed)):
        real = used.drop(index=held_out).reset_index(drop=True)
        if len(others) < len(real):
            return None
        other = others.sample(len(real), random_state=1000 * seed + number)
        worlds.append(World(data, real, used.iloc[held_out], other.reset_index(drop=True)))
    return worlds


def judged(
    make: Make,
    data: SurvivalDataModule,
    patients: int,
    seed: int,
    folds: int,
    keys: EvaluationSettings,
) -> dict[str, Metric] | None:
    """The leaks that are measured; None where a cohort has too few patients."""
    if not folds:
        drawn = world(data, patients, seed)
        if drawn is None:
            return None
        return leaks(drawn.real, make(drawn, seed), drawn.holdout, None, data.schema, keys)
    worlds = folded(data, patients, seed, folds)
    if worlds is None:
        return None
    tables = [
        FoldTable(w.holdout.index.to_numpy(), make(w, 1000 * seed + number), None)
        for number, w in enumerate(worlds)
    ]
    order = data.train.sample(frac=1, random_state=seed).reset_index(drop=True)
    return crossfit_leaks(order.iloc[:patients], tables, data.schema, keys)


Make = Callable[[World, int], pd.DataFrame]


def world(data: SurvivalDataModule, patients: int, seed: int) -> World | None:
    """Patients drawn from a cohort; None where it has too few."""
    order = data.train.sample(frac=1, random_state=seed).reset_index(drop=True)
    train = round((1 - HELD_OUT) * patients)
    cuts = (0, train, patients, patients + train)
    if cuts[-1] > len(order):
        return None
    return World(data, *(order.iloc[a:b].reset_index(drop=True) for a, b in pairwise(cuts)))


def planted(share: float) -> Make:
    """Fresh patients, a share of whom is replaced by copies of training rows."""

    def make(world: World, seed: int) -> pd.DataFrame:
        copies = world.real.sample(round(share * len(world.other)), random_state=seed)
        return pd.concat([world.other.iloc[len(copies) :], copies], ignore_index=True)

    return make


def fitted(method: type, to_other: bool = False) -> Make:
    """A table of a generator that was fitted to the training rows or to others."""

    def make(world: World, seed: int) -> pd.DataFrame:
        rows = world.other if to_other else world.real
        return method().fit(world.data.with_parts(rows, None), seed=seed).sample(seed=seed)

    return make


KINDS: dict[str, Make] = {
    "fresh patients": planted(0.0),
    "independent columns": fitted(Independent),
    "CART of other patients": fitted(CART, to_other=True),
    "3 % copies": planted(0.03),
    "10 % copies": planted(0.1),
    "CART": fitted(CART),
    "bootstrap": fitted(Bootstrap),
}


def main() -> None:
    """Print the table of rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="?", type=int, default=50)
    parser.add_argument("first", nargs="?", type=int, default=0)
    parser.add_argument("--patients", nargs="+", type=int, default=[500, 2000])
    parser.add_argument("--folds", type=int, default=0, help="0: one split")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    given = parser.parse_args()
    settings = build(EvaluationSettings, "evaluation", defaults()["evaluation"])
    settings = replace(settings, privacy=replace(settings.privacy, membership_splits=1))
    cohorts = {name: ck4gen.load(name) for name in COHORTS}
    rows = []
    for patients in given.patients:
        for kind in given.kinds:
            for name, data in cohorts.items():
                counts: Counter[str] = Counter()
                needed = []
                for seed in range(given.first, given.first + given.tables):
                    metrics = judged(KINDS[kind], data, patients, seed, given.folds, settings)
                    if metrics is None:
                        break
                    found = verdict(metrics, settings.verdict, False, False, patients=patients)
                    counts[found["overall"]] += 1
                    counts += _failed(found["findings"])
                    needed.append(found["patients"] or 0)
                if not needed:
                    continue
                row = {"patients": patients, "cohort": name, "table": kind, "tables": len(needed)}
                rows.append(row | {s: counts[s] for s in STATUSES if s != "not tested"})
                why = {k: v for k, v in counts.items() if k not in STATUSES}
                rows[-1]["failed by"] = ", ".join(f"{k} {v}" for k, v in why.items()) or "-"
                rows[-1]["patients named, median"] = int(np.median(needed))
                print(rows[-1], file=sys.stderr, flush=True)
    print(markdown(pd.DataFrame(rows)))


def _failed(findings: dict[str, dict]) -> Counter[str]:
    return Counter(n.split("/")[-1] for n, f in findings.items() if f["status"] == "fail")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
