"""Observed against predicted risk, trained on real and on real + synthetic patients."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from ck4gen.experiments.store import RISKS
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import ORDER, PERCENTILES, MissingRuns, Results
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import COLUMN, REAL, colour_of, name_of, title_of

PROTOCOLS = {"author": "Authors' protocol", "corrected": "Corrected protocol"}


@figure(order=60)
def calibration(results: Results, dataset: str) -> Figure:
    """Binned risks at three horizons in columns, the two protocols in rows."""
    method, runs = _runs(results, dataset)
    risks = {protocol: pd.read_csv(run.folder / RISKS) for protocol, run in runs.items()}
    arms = {"real": ("o", REAL), "augmented": ("s", colour_of(dataset))}
    drawing, axes = plt.subplots(
        len(runs), len(PERCENTILES), figsize=(COLUMN, 1.25 * len(runs) + 0.5),
        sharex=True, sharey=True, squeeze=False,
    )  # fmt: skip
    top = max(table[["predicted", "observed"]].max(axis=None) for table in risks.values())
    for row, (protocol, run) in zip(axes, runs.items(), strict=True):
        for axis, percentile in zip(row, PERCENTILES, strict=True):
            axis.axline((0, 0), slope=1, color="black", ls="--", lw=0.6, zorder=0)
            panel_risks = risks[protocol].query("percentile == @percentile")
            for (arm, (marker, colour)), level in zip(arms.items(), (0.17, 0.06), strict=True):
                bins = panel_risks[panel_risks["arm"] == arm]
                axis.plot(
                    bins["predicted"], bins["observed"], marker, color=colour, ms=2.6, mew=0.3,
                    mec="white",
                )  # fmt: skip
                slope = run.metric(f"augmentation/overall/{arm}/slope_{percentile}")
                if np.isfinite(slope):
                    _slope(axis, slope, level, marker, colour)
            axis.text(0.79, 0.26, "slope", va="center", fontsize=5.5, transform=axis.transAxes)
        row[0].set_ylabel(f"{PROTOCOLS[protocol]}:\nobserved risk")
    for axis, percentile in zip(axes[0], PERCENTILES, strict=True):
        axis.set_title(f"at the {percentile}th percentile\nof follow-up", fontsize=6)
    axes[0, 0].set(xlim=(0, 1.05 * top), ylim=(0, 1.05 * top))
    axes[0, 0].xaxis.set_major_locator(plt.MaxNLocator(3))
    axes[0, 0].yaxis.set_major_locator(plt.MaxNLocator(3))
    axes[-1, 1].set_xlabel("Predicted risk")
    labels = ("Real only", f"Real + {name_of(method)}")
    handles = [
        Line2D([], [], marker=marker, color=colour, ls="", ms=3.5, label=label)
        for (marker, colour), label in zip(arms.values(), labels, strict=True)
    ]
    drawing.legend(handles=handles, loc="outside lower center", ncols=2)
    seeds = ", ".join(f"{protocol} {run.seed}" for protocol, run in runs.items())
    caption = (
        f"Calibration on {title_of(dataset)} of a Cox model trained on real patients alone and on "
        f"real + {name_of(method)}, by bins of predicted risk at the 25th, 50th and 75th "
        "percentile of the follow-up times; dashed: right. Printed: slopes through the "
        f"origin, 1 is right (seeds: {seeds}). Authors' protocol: the generator has seen "
        "the test halves, and observed risk counts events at any time and ignores censoring; "
        "corrected: neither."
    )
    return Figure(
        f"Calibration, {title_of(dataset)}",
        caption,
        drawing,
        [results.command("augment", dataset, ",".join(ORDER), [method])],
    )


def _runs(results: Results, dataset: str) -> tuple[str, dict[str, StoredRun]]:
    """The first generator that has comparisons, the shown one if it has; one run a protocol."""
    for method in dict.fromkeys([results.generator, *results.augmented]):
        if runs := results.augmentations(dataset, method):
            return method, runs
    raise MissingRuns


def _slope(axis: plt.Axes, slope: float, level: float, marker: str, colour: str) -> None:
    """Print a slope behind the marker of its arm, in the corner below the diagonal."""
    inside = axis.transAxes
    axis.plot(0.74, level, marker, color=colour, ms=2.6, transform=inside)
    axis.text(0.79, level - 0.008, f"{slope:.2f}", va="center", fontsize=5.5, transform=inside)
