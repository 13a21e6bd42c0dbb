"""Re-analyses of finished runs of one method beside bootstraps and CART, and a picture.

    python benchmarks/reanalysis.py PICTURE RUN_FOLDER [RUN_FOLDER ...]

As many tables of each side as a cohort has runs. A line is marked where the mean error of the runs
exceeds the bootstraps' (1.2 times it where a cohort has ``LARGE`` rows), and marked twice where the
95% interval of the difference (Welch) lies above 0 as well.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
from omegaconf import OmegaConf
from scipy import stats

from ck4gen.config import defaults
from ck4gen.data.table_files import read_table
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.reanalysis.beside import SIDES, Errors, errors, means
from ck4gen.evaluation.reanalysis.lines import LINES
from ck4gen.experiments.prepare import data_module
from ck4gen.experiments.store import SYNTHETIC, read_report
from ck4gen.markdown import markdown
from ck4gen.report.figures.reanalysis import dots
from ck4gen.report.style import house_style, name_of, title_of
from ck4gen.settings import build

LARGE, MARGIN = 5000, 1.2  # rows of a large cohort; how much above a bootstrap it may be
CONFIDENCE = 0.95


def main() -> None:
    """Print a table per cohort and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    given = parser.parse_args()
    cohorts: dict[str, list[Path]] = {}
    for folder in given.runs:
        cohorts.setdefault(read_report(folder)["dataset"], []).append(folder)
    drawn = {}
    for dataset, folders in cohorts.items():
        sides, rows = compared(folders)
        drawn[title_of(dataset)] = means(sides)
        print(f"{dataset}, {len(folders)} runs, {rows} rows\n")
        print(markdown(shown(sides, rows)), flush=True)
    with house_style():
        method = name_of(read_report(given.runs[0])["method"])
        dots(drawn, method).savefig(given.picture, dpi=200)


def compared(folders: list[Path]) -> tuple[dict[str, Errors], int]:
    """Errors of the tables of some runs of a cohort, of as many bootstraps, and of CART."""
    config = OmegaConf.create(read_report(folders[0])["config"])
    data = data_module(config)
    data.setup()
    settings = build(EvaluationSettings, "evaluation", defaults("evaluation=full")["evaluation"])
    many = {"bootstraps": len(folders), "cart_draws": len(folders)}
    settings = replace(settings, reanalysis=replace(settings.reanalysis, **many))
    tables = [read_table(folder / SYNTHETIC, data.schema) for folder in folders]
    return errors(data.train, tables, data.schema, settings), len(data.train)


def shown(sides: dict[str, Errors], rows: int) -> pd.DataFrame:
    """Mean errors with the half-width of their intervals, and what exceeds a bootstrap."""
    lines = []
    for line in LINES:
        values = {
            side: [one[line.name].value for one in tables if one[line.name].value is not None]
            for side, tables in sides.items()
        }
        cells = {side: _with_interval(values[side]) for side in SIDES}
        mark = _mark(values, MARGIN if rows >= LARGE else 1.0) if line.ideal == 0 else ""
        lines.append({"analysis": line.label, **cells, "above a bootstrap": mark})
    return pd.DataFrame(lines)


def _with_interval(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.2f}" if values else "-"
    half = stats.sem(values) * stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
    return f"{pd.Series(values).mean():.2f} ± {half:.2f}"


def _mark(values: dict[str, list[float]], margin: float) -> str:
    table, second = values["table"], [margin * value for value in values["bootstrap"]]
    if not table or not second or sum(table) / len(table) <= sum(second) / len(second):
        return ""
    test = stats.ttest_ind(table, second, equal_var=False)
    return "yes, clearly" if test.confidence_interval(CONFIDENCE).low > 0 else "yes"


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
