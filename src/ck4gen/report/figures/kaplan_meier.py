"""Kaplan-Meier curves, real beside synthetic: everyone, and by thirds of the teacher's risk."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from matplotlib.lines import Line2D

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Schema
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import Results
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import COLUMN, REAL, colour_of, name_of, title_of

THIRDS = {"low risk": "-", "middle third": "--", "high risk": ":"}
AT_RISK = 20  # a curve ends where fewer patients are left: its last drops are a patient or two


@figure(order=30)
def kaplan_meier(results: Results, dataset: str) -> Figure:
    """Survival of everyone with 95% bands, then by thirds of risk, cut where the real ones are."""
    run = results.shown(dataset)
    cohort = results.cohort(dataset)
    tables = {"Real": cohort.table, name_of(results.generator): results.synthetic(run)}
    risks = [risk(table, cohort.schema, run) for table in tables.values()]
    cuts = np.quantile(risks[0], [1 / 3, 2 / 3])
    drawing, axes = plt.subplots(2, 2, figsize=(COLUMN, 3.4), sharex=True, sharey=True)
    lowest = 1.0
    groups = [np.searchsorted(cuts, scores) for scores in risks]
    for column, ((title, table), third, colour) in enumerate(
        zip(tables.items(), groups, (REAL, colour_of(dataset)), strict=True)
    ):
        lowest = min(lowest, _curve(axes[0, column], table, colour, "-"))
        axes[0, column].set_title(title)
        for number, dash in enumerate(THIRDS.values()):
            lowest = min(lowest, _curve(axes[1, column], table[third == number], colour, dash))
        axes[1, column].set_xlabel(f"Time ({cohort.schema.duration_unit})")
    _curve(axes[0, 1], cohort.table, REAL, "-", band=False)  # to be compared in one panel
    for number, dash in enumerate(THIRDS.values()):
        _curve(axes[1, 1], cohort.table[groups[0] == number], REAL, dash, band=False)
    bottom = np.floor(lowest * 5) / 5
    axes[0, 0].set(ylabel="Survival, all", ylim=(bottom, 1 + 0.02 * (1 - bottom)))
    axes[1, 0].set_ylabel("Survival, by risk")
    handles = [Line2D([], [], color="black", ls=dash, label=name) for name, dash in THIRDS.items()]
    drawing.legend(handles=handles, loc="outside lower center", ncols=3, handlelength=2.2)
    caption = (
        f"Kaplan-Meier curves with 95% bands of {title_of(dataset)}, real left and "
        f"{name_of(results.generator)} right (seed {run.seed}), the real curves behind them in "
        "gold. Below: thirds of the Cox teacher's "
        "linear predictor, cut at the real tertiles. A curve ends where fewer than "
        f"{AT_RISK} patients are at risk."
    )
    if bottom > 0:
        caption += f" The survival axis starts at {bottom:.1f}."
    if run.report["times_copied"]:
        caption += " Times and events are copied from real patients: the upper row is no evidence."
    commands = [results.command("train", dataset, "release", [results.generator])]
    return Figure(f"Survival, {title_of(dataset)}", caption, drawing, commands)


def risk(table: pd.DataFrame, schema: Schema, run: StoredRun) -> np.ndarray:
    """(n,) linear predictor of the real cohort's Cox model, from the hazard ratios a run keeps."""
    ratios = run.hazard_ratios.set_index("term")["real"]
    return (schema.design(table)[ratios.index] @ np.log(ratios)).to_numpy()


def _curve(
    axis: plt.Axes, table: pd.DataFrame, colour: str, dash: str, *, band: bool = True
) -> float:
    """Draw one curve with its band, or thin and behind; returns the lowest point of the band."""
    if len(table) < AT_RISK:
        return 1.0
    fitted = KaplanMeierFitter().fit(table[DURATION], table[EVENT], entry=table.get(ENTRY))
    lines = fitted.survival_function_.join(fitted.confidence_interval_)
    last = np.sort(table[DURATION])[-AT_RISK]
    lines = lines[lines.index < last]
    lines.loc[last] = lines.iloc[-1]
    curve, low, high = (lines.iloc[:, column] for column in range(3))
    width, order = (1.0, 2) if band else (0.6, 1)
    axis.step(lines.index, curve, where="post", color=colour, ls=dash, lw=width, zorder=order)
    if band:
        axis.fill_between(lines.index, low, high, step="post", color=colour, alpha=0.2, lw=0)
    return float(low.min())
