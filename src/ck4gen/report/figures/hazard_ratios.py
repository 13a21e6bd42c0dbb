"""Forest plot: hazard ratios real and synthetic, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from ck4gen.evaluation.written_hazards import ENDS
from ck4gen.report.figures.labels import term_label
from ck4gen.report.figures.steps import per_step, steps
from ck4gen.report.items import Figure, Interval
from ck4gen.report.registry import figure
from ck4gen.report.results import Results
from ck4gen.report.style import COLUMN, REAL, colour_of, name_of, title_of

TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
WIDEST = 30.0  # an interval beyond 1/30 or 30 ends in an arrow
NAMES = 13  # letters in a line of a term's label


@figure(order=40)
def hazard_ratios(results: Results, dataset: str) -> Figure:
    """Hazard ratios of the real cohort left and of the shown generator right."""
    run = results.shown(dataset)
    name, terms = name_of(results.generator), run.hazard_ratios["term"]
    caption = (
        f"Hazard ratios (dots) with 95% CI (bars) of {title_of(dataset)} in one multivariable Cox "
        f"model, of numerics per step that is named; log axis, dashed at 1. {name}: seed "
        f"{run.seed}, without correction for synthetic rows."
    )
    return Figure(
        f"Hazard ratios, {title_of(dataset)}",
        caption,
        forest(run.hazard_ratios, dataset, name, steps(results.synthetic(run), terms)),
        [results.command("train", dataset, "release", [results.generator])],
    )


def forest(
    table: pd.DataFrame,
    dataset: str,
    name: str,
    by_term: Mapping[str, float] = MappingProxyType({}),
) -> Drawing:
    """Draw hazard ratios (95% CI) on a log axis, real left and synthetic right.

    Args:
        table: ``hazard_ratios.csv`` of a run.
        dataset: Its dataset, for the colour of the synthetic panel.
        name: Title of that panel.
        by_term: By term the step that its hazard ratio is per; one unit where it is not named.
    """
    table = per_step(table, by_term)
    labels = [
        term_label(term, NAMES) + (f"\nper {by_term[term]:g}" if term in by_term else "")
        for term in table["term"]
    ]
    rows = np.arange(len(table))
    drawing, axes = plt.subplots(
        1, 2, figsize=(COLUMN, 0.24 * len(table) + 0.55), sharex=True, sharey=True
    )
    sides = {"real": ("Real", REAL, "o"), "synthetic": (name, colour_of(dataset), "s")}
    for axis, (side, (title, colour, marker)) in zip(axes, sides.items(), strict=True):
        for row, line in zip(rows, table.to_dict("records"), strict=True):
            value, low, high = (line[side + end] for end in ENDS)
            axis.plot([low, high], [row, row], color="black", lw=0.9)
            axis.plot(value, row, marker, color=colour, ms=4, mec="black", mew=0.5)
            numbers = str(Interval(value, low, high))
            axis.text(
                1.04, row, numbers, transform=axis.get_yaxis_transform(), va="center", fontsize=5.5
            )
            arrows(axis, float(row), low, high)
        axis.axvline(1, color="black", ls="--", lw=0.7, zorder=0)
        axis.set_title(title)
        axis.set(xscale="log")
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
    limits = table[[side + end for side in sides for end in ENDS]].to_numpy()
    scale(axes[0], limits[np.isfinite(limits) & (limits > 0)])
    axes[0].set_yticks(rows, labels, linespacing=1, fontsize=6)
    axes[0].set_ylim(len(table) - 0.4, -0.6)
    drawing.supxlabel("Hazard ratio (95% CI)", fontsize=7)
    return drawing


def scale(axis: plt.Axes, values: np.ndarray) -> None:
    """Limits around the values and 1, and as many ticks as a narrow panel takes."""
    low, high = max(values.min(), 1 / WIDEST), min(values.max(), WIDEST)
    low, high = min(low, 0.5) / 1.1, max(high, 2) * 1.1
    inside = [tick for tick in TICKS if low <= tick <= high]
    axis.set_xlim(low, high)
    axis.xaxis.set_major_locator(plt.FixedLocator(inside))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_locator(plt.NullLocator())


def arrows(axis: plt.Axes, row: float, low: float, high: float) -> None:
    """Say where an interval goes on beyond the axis."""
    if high > WIDEST:
        axis.plot(1, row, ">", color="black", ms=3, transform=axis.get_yaxis_transform())
    if low < 1 / WIDEST:
        axis.plot(0, row, "<", color="black", ms=3, transform=axis.get_yaxis_transform())
