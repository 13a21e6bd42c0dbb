"""Kaplan-Meier curves, real beside synthetic: everyone, and by thirds of the teacher's risk."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.report.archive import Archive, Stored
from ck4gen.report.exhibit import Figure
from ck4gen.report.style import COLUMN, DATASETS, REAL, colour_of, name_of

THIRDS = ("low risk", "middle", "high risk")
DASHES = ("-", "--", ":")


def kaplan_meier(archive: Archive, dataset: str) -> Figure:
    """Survival of everyone with 95% bands, then by thirds of risk, cut where the real ones are."""
    run = archive.shown(dataset)
    cohort = archive.cohort(dataset)
    tables = {"Real": cohort.table, name_of(archive.method): archive.synthetic(run)}
    risks = [risk(table, cohort.schema, run) for table in tables.values()]
    cuts = np.quantile(risks[0], [1 / 3, 2 / 3])
    drawing, axes = plt.subplots(2, 2, figsize=(COLUMN, 3.2), sharex=True, sharey=True)
    for column, ((title, table), scores, colour) in enumerate(
        zip(tables.items(), risks, (REAL, colour_of(dataset)), strict=True)
    ):
        _curve(axes[0, column], table, colour, "-", None)
        axes[0, column].set_title(title)
        third = np.searchsorted(cuts, scores)
        for place, (label, dash) in enumerate(zip(THIRDS, DASHES, strict=True)):
            _curve(axes[1, column], table[third == place], colour, dash, label)
        axes[1, column].set_xlabel(f"Time ({cohort.schema.duration_unit})")
    for axis in axes[:, 0]:
        axis.set(ylabel="Survival", ylim=(0, 1.02))
    axes[1, 0].legend(loc="lower left", handlelength=1.8)
    caption = (
        f"Kaplan-Meier curves with 95% bands of {DATASETS[dataset]}, real left and "
        f"{name_of(archive.method)} right (seed {run.seed}). Below: thirds of the Cox teacher's "
        "linear predictor, cut at the real tertiles."
    )
    if run.report["times_copied"]:
        caption += " Times and events are copied from real patients: the upper row is no evidence."
    commands = [archive.command("train", dataset, "release", [archive.method])]
    return Figure(f"Survival, {DATASETS[dataset]}", caption, drawing, commands)


def risk(table: pd.DataFrame, schema: Schema, run: Stored) -> np.ndarray:
    """(n,) linear predictor of the real cohort's Cox model, from the hazard ratios a run keeps."""
    ratios = run.hazard_ratios.set_index("term")["real"]
    return (schema.design(table)[ratios.index] @ np.log(ratios)).to_numpy()


def _curve(axis: plt.Axes, table: pd.DataFrame, colour: str, dash: str, label: str | None) -> None:
    fitted = KaplanMeierFitter().fit(table[DURATION], table[EVENT])
    curve, band = fitted.survival_function_.iloc[:, 0], fitted.confidence_interval_
    axis.step(curve.index, curve, where="post", color=colour, ls=dash, label=label)
    axis.fill_between(
        band.index, band.iloc[:, 0], band.iloc[:, 1], step="post", color=colour, alpha=0.2, lw=0
    )
