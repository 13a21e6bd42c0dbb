"""Finished runs as results/*.csv: the numbers that the tables of the README and the docs show.

    python benchmarks/results_csv.py OUTPUTS [OUTPUTS ...]
    python benchmarks/results_csv.py --add OUTPUTS        # runs that OUTPUTS lacks stay as they are

Runs of packaged configurations alone; where two folders hold the same run, the later one counts.
Numbers are cut to five digits. The real cohort, its paths and the secret are in none of the files.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import yaml
from machine import machine

from ck4gen.config import CONF, ROOT
from ck4gen.evaluation.statuses import FAIL, TOO_FEW
from ck4gen.experiments.summary import KEYS
from ck4gen.report.results import Results
from ck4gen.report.stored_run import StoredRun

FOLDER = ROOT / "results"
# beside the metrics of conf/columns
ALWAYS = ("cost/", "privacy/worst_case/", "reanalysis/", "guard/cap", "hazard/ph")
DIGITS = 5


def wanted(name: str) -> bool:
    """Whether the files hold a metric."""
    return name in _columns() or name.startswith(ALWAYS)


@cache
def _columns() -> set[str]:
    files = (CONF / "columns").glob("*.yaml")
    return {name for file in files for name in yaml.safe_load(file.read_text())["metrics"]}


def stored(folders: Iterable[Path]) -> dict[tuple, StoredRun]:
    """Runs of packaged configurations by dataset, method, split and seed."""
    found = {}
    for folder in folders:
        results = Results(folder)
        for run in results.packaged_runs:
            found[tuple(run.report[key] for key in KEYS)] = run
    return dict(sorted(found.items()))


def run_rows(runs: dict[tuple, StoredRun]) -> Iterator[dict]:
    """One row a run: what it is, its verdict with what failed, and its code."""
    for number, (cell, run) in enumerate(runs.items()):
        report, verdict = run.report, run.report["verdict"]
        yield {
            "run": number,
            **dict(zip(KEYS, cell, strict=True)),
            "times_copied": report["times_copied"],
            "verdict": verdict["overall"],
            "failed": _with(verdict, FAIL),
            "too_few": _with(verdict, TOO_FEW),
            "commit": (report["commit"] or "")[:7],
            **{step: report["hashes"][step] for step in ("generation", "evaluation")},
        }


def _with(verdict: dict, status: str) -> str:
    found = (name for name, one in verdict["findings"].items() if one["status"] == status)
    return " ".join(found)


def metric_rows(runs: dict[tuple, StoredRun]) -> Iterator[dict]:
    """One row a run and metric, where it has a value."""
    for number, run in enumerate(runs.values()):
        for name, metric in run.report["metrics"].items():
            if wanted(name) and metric["value"] is not None:
                value = float(f"{metric['value']:.{DIGITS}g}")
                yield {"run": number, "metric": name, "value": value}


def beside_earlier(runs: pd.DataFrame, metrics: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """These runs and those of the files as they are that are none of these, numbered anew."""
    earlier = pd.read_csv(FOLDER / "runs.csv", keep_default_na=False).assign(now=False)
    both = pd.concat([earlier, runs.assign(now=True)]).drop_duplicates([*KEYS], keep="last")
    both = both.sort_values([*KEYS]).assign(number=range(len(both)))
    kept = pd.read_csv(FOLDER / "metrics.csv").assign(now=False)
    values = pd.concat([kept, metrics.assign(now=True)]).merge(both[["now", "run", "number"]])
    values = values.sort_values("number", kind="stable")
    return tuple(
        part.assign(run=part["number"]).drop(columns=["now", "number"]) for part in (both, values)
    )


def main() -> None:
    """Write the three files and say what is in them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outputs", type=Path, nargs="+")
    parser.add_argument("--add", action="store_true")
    given = parser.parse_args()
    runs = stored(given.outputs)
    rows, values = pd.DataFrame(run_rows(runs)), pd.DataFrame(metric_rows(runs))
    if given.add:
        rows, values = beside_earlier(rows, values)
    rows.to_csv(FOLDER / "runs.csv", index=False)
    values.to_csv(FOLDER / "metrics.csv", index=False)
    versions = [run.report["versions"] for run in runs.values()][-1]
    text = json.dumps(machine() | {"packages": versions}, indent=2)
    (FOLDER / "machine.json").write_text(f"{text}\n")
    print(f"{len(rows)} runs in {FOLDER}")


if __name__ == "__main__":
    main()
