"""Hazard ratios of the real cohort and of every generator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ck4gen.evaluation.written_hazards import ENDS
from ck4gen.report.items import Interval, Table
from ck4gen.report.registry import table
from ck4gen.report.results import Results
from ck4gen.report.seeds import over_seeds
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import name_of, title_of
from ck4gen.report.tables.comparison import GENERATOR, SEEDS


@table(order=20)
def hazard_ratios(results: Results, dataset: str) -> Table:
    """HR (95% CI) per unit of each covariate, release runs; seeds are averaged on the log scale."""
    runs = results.compared(dataset, "release")
    real = next(iter(runs.values()))[0].hazard_ratios.set_index("term")
    ratios = {
        str(term): Interval(*(line[f"real{end}"] for end in ENDS)) for term, line in real.iterrows()
    }
    rows: list[dict[str, object]] = [
        {GENERATOR: "Real", SEEDS: "-", **ratios, "Error, SE": "-", "In CI": "-"}
    ]
    for method, method_runs in runs.items():
        rows.append(
            {GENERATOR: name_of(method), SEEDS: str(len(method_runs))}
            | averaged(method_runs, real)
            | {
                "Error, SE": over_seeds(method_runs, "hazard/log_hr_z", 2),
                "In CI": over_seeds(method_runs, "hazard/in_ci", 2),
            }
        )
    caption = (
        "Hazard ratio (95% CI) per unit of each covariate in the multivariable Cox model. "
        "Estimates and limits are geometric means over seeds; † outside the real interval. Error: "
        "mean |difference of log hazard ratios| in real standard errors, mean (SD) over seeds; a "
        "bootstrap of the real cohort, the noise floor, has about 0.8. In CI: share of estimates "
        "inside the real interval. A dash: the synthetic model has no estimate in some seed."
    )
    return Table(
        f"Hazard ratios, {title_of(dataset)}",
        caption,
        pd.DataFrame(rows),
        [results.command("train", dataset, "release", list(runs))],
    )


def averaged(runs: Sequence[StoredRun], real: pd.DataFrame) -> dict[str, Interval]:
    """Geometric means over seeds of each term's hazard ratio and its limits."""
    tables = [run.hazard_ratios.set_index("term") for run in runs]
    cells = {}
    for term, line in real.iterrows():
        value, low, high = (
            float(np.exp(np.mean([np.log(table.at[term, f"synthetic{end}"]) for table in tables])))
            for end in ENDS
        )
        outside = not line["real_low"] <= value <= line["real_high"]
        cells[term] = Interval(value, low, high, mark="†" if outside else "")
    return cells
