"""A figure of your own: the distribution of the Cox risk score, real beside synthetic.

ck4gen report 'extra=[risk_scores.risk_scores]'
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import gaussian_kde

from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import Results
from ck4gen.report.style import COLUMN, REAL, colour_of, name_of, title_of

POINTS = 200  # of a curve


@figure(order=45)
def risk_scores(results: Results, dataset: str) -> Figure:
    """Densities of the real model's linear predictor in both tables.

    Args:
        results: The finished runs.
        dataset: Of this dataset.

    Raises:
        MissingRuns: The shown generator has no released run.
    """
    run, cohort = results.shown(dataset), results.cohort(dataset)
    log_ratios = np.log(run.hazard_ratios.set_index("term")["real"])
    tables = {"Real": cohort.table, name_of(results.generator): results.synthetic(run)}
    scores = {
        name: cohort.schema.design(table)[log_ratios.index] @ log_ratios
        for name, table in tables.items()
    }
    centre = scores["Real"].mean()
    margin = scores["Real"].std()  # so that the densities end at 0
    low = min(score.min() for score in scores.values()) - margin
    high = max(score.max() for score in scores.values()) + margin
    grid = np.linspace(low, high, POINTS)
    drawing, axis = plt.subplots(figsize=(COLUMN, 2.2))
    for (name, score), colour, dash in zip(
        scores.items(), (REAL, colour_of(dataset)), ("-", "--"), strict=True
    ):
        axis.plot(grid - centre, gaussian_kde(score)(grid), color=colour, ls=dash, label=name)
    axis.set(xlabel="Log hazard against the average patient", ylabel="Density")
    axis.legend()
    caption = (
        f"Distribution of the linear predictor of the real Cox model on {title_of(dataset)}, in "
        f"the real cohort and in that of {name_of(results.generator)} (seed {run.seed})."
    )
    commands = [results.command("train", dataset, "release", [results.generator])]
    return Figure(f"Risk scores, {title_of(dataset)}", caption, drawing, commands)
