"""The whole comparison in ten numbers a generator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.experiments.summary_marks import of_seeds
from ck4gen.report.items import Number, Table
from ck4gen.report.registry import table
from ck4gen.report.results import MissingRuns, Results
from ck4gen.report.seeds import over_seeds
from ck4gen.report.stored_run import TABLE_SECONDS, StoredRun
from ck4gen.report.style import name_of, title_of
from ck4gen.report.tables.comparison import GENERATOR, Column, column
from ck4gen.report.tables.privacy import verdicts

COLUMNS = (
    column("hazard/log_hr_z"),
    column("hazard/in_ci"),
    column("hazard/off_target_z"),
    column("hazard/risk_sd_ratio"),
    column("survival/km_by_group"),
    column("utility/loss/coxph/c_index"),
    column("utility/gain/coxph/c_index"),
    column("privacy/closer_to_train"),
    column("privacy/outcome_link_advantage"),
    Column("Seconds a table", TABLE_SECONDS, None, 1),
)


@table(order=100, by_dataset=False)
def summary(results: Results) -> Table:
    """Means over the cohorts that the shown generator has audit runs of.

    A generator that lacks one of them has no comparable mean: it is named below the table.
    """
    runs = {
        method: {
            dataset: group
            for dataset in results.datasets
            if (group := results.runs(dataset, method, "audit"))
        }
        for method in results.methods
    }
    runs = {method: method_runs for method, method_runs in runs.items() if method_runs}
    if not runs:
        raise MissingRuns
    shown = runs.get(results.generator) or max(runs.values(), key=len)
    datasets = [dataset for dataset in results.datasets if dataset in shown]
    incomplete = [m for m, method_runs in runs.items() if not set(datasets) <= set(method_runs)]
    runs = {method: method_runs for method, method_runs in runs.items() if method not in incomplete}
    rows = []
    for method, method_runs in runs.items():
        every = [run for dataset in datasets for run in method_runs[dataset]]
        rows.append(
            {GENERATOR: name_of(method), "Runs": str(len(every))}
            | {c.heading: _mean([method_runs[d] for d in datasets], c) for c in COLUMNS}
            | {"Verdicts": verdicts(every)}
        )
    names = ", ".join(title_of(dataset) for dataset in datasets)
    caption = (
        f"Audit runs: 30 % of the patients held out. Means over cohorts ({names}) of means over "
        "seeds. Errors of log hazard ratios are in real standard errors; a bootstrap is the noise "
        "floor of fidelity, fresh patients what a perfect generator would give. Loss of C: Cox "
        "model trained on real minus one trained on synthetic patients. Closer to train: 0.5 is "
        "chance. Outcome link: what knowing a patient's outcome gives away. "
        "Seconds a table: CPU seconds of the fit and seconds of drawing, calibration included."
    )
    if incomplete:
        caption += f" Without runs on all of these cohorts: {', '.join(map(name_of, incomplete))}."
    commands = [results.command("train", dataset, "audit", list(runs)) for dataset in datasets]
    return Table("The comparison in ten numbers", caption, pd.DataFrame(rows), commands)


def _mean(groups: list[list[StoredRun]], column: Column) -> Number:
    means = [over_seeds(group, column.metric, column.digits).value for group in groups]
    available = [mean for mean in means if not np.isnan(mean)]
    complete = len(available) == len(means)
    values = [run.metric(column.metric) for group in groups for run in group]
    mark = of_seeds(sum(not np.isnan(value) for value in values), len(values))
    mean = float(np.mean(available)) if complete else float("nan")
    return Number(mean, column.digits, mark=mark)
