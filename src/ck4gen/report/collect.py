"""Finished run folders to one table: mean and SD over seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pandas as pd

from ck4gen.settings import InputError

KEYS = ["dataset", "method", "seed"]


def read_runs(output_dir: Path, split: str, metrics: list[str]) -> pd.DataFrame:
    """One row a run: ``dataset``, ``method``, ``seed`` and the metrics (missing as NaN).

    Runs of one method that differ in a setting are told apart by it, as ``ck4gen
    encoder.components=5``; so are datasets in another coding.

    Raises:
        InputError: There is no finished run, or no run has one of the metrics.
    """
    files = sorted(Path(output_dir).glob(f"runs/*/*/{split}/*/report.json"))
    reports = [json.loads(file.read_text()) for file in files]
    if not reports:
        raise InputError(f"no finished run with split={split} under {output_dir}/runs")
    known = {name for report in reports for name in report["metrics"]}
    for name in metrics:
        if name not in known:
            raise InputError(
                f"no run has the metric '{name}'; there are {', '.join(sorted(known))}"
            )
    rows = []
    for report, dataset, method in zip(
        reports, _labels(reports, "data"), _labels(reports, "method"), strict=True
    ):
        found = (report["metrics"].get(name, {}).get("value") for name in metrics)
        values = [float("nan") if value is None else value for value in found]
        rows.append([dataset, method, report["seed"], *values])
    return pd.DataFrame(rows, columns=[*KEYS, *metrics])


def _labels(reports: list[dict], group: str) -> list[str]:
    """Name of each run's group node, with the settings in which its namesakes differ."""
    nodes = [dict(_flat(report["config"][group])) for report in reports]
    labels = []
    for node in nodes:
        namesakes = [other for other in nodes if other["name"] == node["name"]]
        differing = [key for key in node if len({str(n.get(key)) for n in namesakes}) > 1]
        labels.append(" ".join([node["name"], *(f"{key}={node[key]}" for key in differing)]))
    return labels


def _flat(node: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def missing_runs(table: pd.DataFrame) -> list[str]:
    """Cells of dataset x method x seed that no run fills."""
    present = set(table[KEYS].itertuples(index=False, name=None))
    whole = product(*(table[key].unique() for key in KEYS))
    return [f"data={d} method={m} seed={s}" for d, m, s in whole if (d, m, s) not in present]


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """``mean ± SD`` of every metric by dataset and method; no SD for a single seed."""
    groups = table.drop(columns="seed").groupby(["dataset", "method"], sort=True)
    mean, sd = groups.mean(), groups.std()
    text = mean.copy().astype(object)
    for cell in product(range(mean.shape[0]), range(mean.shape[1])):
        centre, spread = mean.iat[cell], sd.iat[cell]
        shown = "-" if pd.isna(centre) else f"{centre:.3f}"
        text.iat[cell] = shown if pd.isna(spread) else f"{shown} ± {spread:.3f}"
    text.insert(0, "seeds", groups.size())
    return text.reset_index()


def markdown(table: pd.DataFrame) -> str:
    """A table in Markdown."""
    rows = [list(table.columns), ["---"] * table.shape[1], *table.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
