"""``ck4gen simulate``, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from omegaconf import DictConfig

from ck4gen.cli.count_bar import count_bar, how_long
from ck4gen.experiments.expected import expected_as
from ck4gen.experiments.simulate import check
from ck4gen.experiments.simulate import simulate as make_cohorts
from ck4gen.experiments.store import MEASURES, REPORT
from ck4gen.experiments.workers import process_count
from ck4gen.printed import print_frame

ROW = ["arm", "ratio", "standard_errors", "cohorts"]  # what a row of the printed table is


def simulate(config: DictConfig) -> None:
    """Make the cohorts that are missing and print the result."""
    check(config)
    root = Path(config.output_dir).expanduser().absolute() / "simulation" / config.method.name
    alike = ("data", "trainer", "method", "ratios", "tables")
    cohort = expected_as(root, config, alike, "cpu_seconds")
    processes = process_count(config.workers)

    def header(cohorts: int) -> str:
        return (
            f"{config.method.name}, seed={config.seed}, simulate: {cohorts} cohorts of "
            f"{config.data.rows} patients, {processes} at once: "
            f"{how_long(cohort, cohorts / processes)}"
        )

    with count_bar("cohorts", config.cohorts, header, cohort.total / processes) as progress:
        folder = make_cohorts(config, progress)
    print_simulation(folder)


def print_simulation(folder: Path) -> None:
    """Print a result to the terminal."""
    report = json.loads((folder / REPORT).read_text())
    print(
        f"{report['method']}: {report['cohorts']} of {report['cohorts_wanted']} simulated cohorts, "
        f"{report['events_per_row']:.0%} of patients with an event, "
        f"{report['cpu_seconds']:.0f} CPU seconds a cohort\n"
    )
    measures = pd.read_csv(folder / MEASURES)
    print_frame(wide(measures))
    for row in measures.drop_duplicates(["arm", "ratio"]).to_dict("records"):
        where = f"{row['arm']}, {row['ratio']:g} rows for each real one"
        if row["failed"]:
            print(f"warning: {where}: tables without an estimate, left out: {row['failed']}")
        if row["calibration_met"] < 1:
            print(f"warning: {where}: calibration was met in {row['calibration_met']:.0%} only")
    print(f"result: {folder}")


def wide(measures: pd.DataFrame) -> pd.DataFrame:
    """One row an analysis, a column a measure: ``value (low-high)``, ``-`` where there is none."""
    shown = measures.assign(text=[_cell(row) for row in measures.to_dict("records")])
    pivot = shown.pivot(index=ROW, columns="measure", values="text")
    rows = pd.MultiIndex.from_frame(measures[ROW].drop_duplicates())
    return pivot.loc[rows, measures["measure"].unique()].fillna("-").reset_index()


def _cell(row: dict) -> str:
    if pd.isna(row["value"]):
        return "-"
    ends = "" if pd.isna(row["low"]) else f" ({row['low']:.3f} to {row['high']:.3f})"
    return f"{row['value']:.3f}{ends}"
