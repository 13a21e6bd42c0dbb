"""How far this package's re-analyses are from R's survival, on the same rows.

    python benchmarks/reanalysis_in_r.py [DATASET ...]

Needs Rscript with the package survival (Debian: r-base-core and r-cran-survival); without, it says
so and ends. Prints, by line, the largest difference of an estimate in standard errors, and the
largest relative difference of a standard error.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from ck4gen import load
from ck4gen.config import defaults
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.groups import groups
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable, inner_quantiles
from ck4gen.evaluation.reanalysis.numeric_effects import spline_models
from ck4gen.evaluation.reanalysis.reanalysis import analyse
from ck4gen.settings import build

SCRIPT = Path(__file__).with_name("reanalysis.R")
COHORTS = ("whas500", "actg320", "flchain")


def main() -> None:
    """Compare each cohort."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=COHORTS)
    datasets = parser.parse_args().datasets
    if shutil.which("Rscript") is None:
        print("skipped: there is no Rscript; install r-base-core and r-cran-survival")
        return
    for dataset in datasets:
        data = load(dataset)
        settings = build(EvaluationSettings, "evaluation", defaults()["evaluation"])
        table = AnalysedTable(data.train, data.train, data.schema, settings)
        with TemporaryDirectory() as folder:
            times = _write(table, Path(folder))
            subprocess.run(["Rscript", str(SCRIPT), folder], check=True)
            of_r = pd.read_csv(Path(folder, "r.csv"))
        print(f"{dataset}\n{_differences(_ours(table, times), of_r).to_string()}\n")


def _write(table: AnalysedTable, folder: Path) -> np.ndarray:
    """What R needs; returns the times at which curves of groups are read."""
    data, settings = table.data, table.settings
    rows = data.design.assign(**{DURATION: data.duration, EVENT: data.event})
    rows.to_csv(folder / "design.csv", index=False, float_format="%.17g")
    inside = {group.name: group.rows(table.table) for group in groups(table.real, table.schema)}
    kept = {n: r.astype(int) for n, r in inside.items() if r.sum() >= table.evaluation.min_rows}
    pd.DataFrame(kept).to_csv(folder / "groups.csv", index=False)
    times = table.event_times(inner_quantiles(settings.group_times))
    points = [("time", time) for time in times]
    points += [("horizon", table.event_times(np.array([settings.horizon]))[0])]
    points += [("follow_up", table.real[DURATION].quantile(settings.follow_up))]
    points += [("tail", settings.tail), ("spline_df", settings.spline_df)]
    pd.DataFrame(points, columns=["kind", "value"]).to_csv(folder / "points.csv", index=False)
    return times


def _ours(table: AnalysedTable, times: np.ndarray) -> pd.DataFrame:
    found = {line: part for line, part in analyse(table).items() if not isinstance(part, str)}
    curves = found["group_curves"]
    names = curves.index.str.rsplit(" at ", n=1).str[0].unique()
    numbered = [f"{name} at {number}" for name in names for number in range(1, len(times) + 1)]
    found["group_curves"] = curves.set_axis(numbered)
    likelihood = {name: data.fit().log_likelihood for name, data, _ in spline_models(table)}
    found["spline likelihood"] = pd.DataFrame({"estimate": likelihood, "standard_error": 1.0})
    return pd.concat(found, names=["line", "name"]).reset_index()


def _differences(ours: pd.DataFrame, of_r: pd.DataFrame) -> pd.DataFrame:
    both = ours.merge(of_r, on=["line", "name"], suffixes=("", "_r"))
    both = both[(both["standard_error_r"] > 0) & both["standard_error_r"].notna()]
    gap = (both["estimate"] - both["estimate_r"]).abs() / both["standard_error_r"]
    ratio = (both["standard_error"] / both["standard_error_r"] - 1).abs()
    both = both.assign(estimate=gap, standard_error=ratio)
    found = both.groupby("line")[["estimate", "standard_error"]].max().map("{:.2g}".format)
    return found.assign(compared=both.groupby("line").size())


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
