"""Every column of the table, real beside synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from scipy.stats import gaussian_kde

from ck4gen.data.schema import DURATION, EVENT, Column
from ck4gen.report.figures.labels import column_label, level_label
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import Results
from ck4gen.report.style import COLUMN, HATCH, REAL, colour_of, name_of, title_of

ACROSS = 3  # panels in a row
LETTERS = 22  # of a panel's title in one line
BAR = 0.38  # width, where two groups of bars share a step of 1
BINS, POINTS = 24, 200  # of the histogram, of the density curve
FEW = 12  # whole numbers with at most so many values are bars
SKEW = 3.0  # sample skewness from which a positive numeric gets a log axis


@figure(order=10)
def distributions(results: Results, dataset: str) -> Figure:
    """Shares of binaries and categories, densities of numerics; the outcome comes last."""
    run = results.shown(dataset)
    cohort = results.cohort(dataset)
    name = name_of(results.generator)
    tables = {"Real": cohort.table, name: results.synthetic(run)}
    columns = [
        *cohort.schema,
        Column(DURATION, "numeric", "follow-up", cohort.schema.duration_unit),
        Column(EVENT, "binary", cohort.schema.event_meaning),
    ]
    rows = ceil(len(columns) / ACROSS)
    drawing, axes = plt.subplots(rows, ACROSS, figsize=(COLUMN, 0.92 * rows + 0.3))
    logs = []
    for axis, column in zip(axes.flat, columns, strict=False):
        values = {title: table[column.name] for title, table in tables.items()}
        if column.kind == "numeric" and values["Real"].nunique() > FEW:
            if is_log := _skewed(values):
                logs.append(column.name)
            _densities(axis, values, colour_of(dataset), is_log)
        else:
            _shares(axis, values, colour_of(dataset), column)
        axis.set_title(column_label(column, LETTERS), fontsize=6, linespacing=1.05)
        axis.spines["left"].set_visible(False)
        axis.tick_params(axis="y", left=False, labelleft=False)
        axis.tick_params(axis="x", labelsize=5.5, length=2, pad=1.5)
    for axis in axes.flat[len(columns) :]:
        axis.set_axis_off()
    handles = [
        Patch(facecolor=REAL, label="Real"),
        Patch(facecolor=colour_of(dataset), hatch=HATCH, edgecolor="white", label=name),
    ]
    drawing.legend(handles=handles, loc="outside lower center", ncols=2)
    caption = (
        f"Distributions of {title_of(dataset)}, real (gold) beside {name} (hatched, seed "
        f"{run.seed}). Bars are shares of patients and start at 0; their scale is each panel's "
        "own. Numerics: a histogram and a Gaussian kernel density of each group, of area 1 each."
    )
    if logs:
        caption += f" Log axis, densities on the log scale: {', '.join(logs)}."
    if run.report["times_copied"]:
        caption += " Follow-up and events are copied from real patients: no evidence."
    return Figure(
        f"Distributions, {title_of(dataset)}",
        caption,
        drawing,
        [results.command("train", dataset, "release", [results.generator])],
    )


def _skewed(values: Mapping[str, pd.Series]) -> bool:
    """Whether a column is positive everywhere and has a tail that hides the rest."""
    return bool(values["Real"].skew() > SKEW and all((v > 0).all() for v in values.values()))


def _shares(axis: plt.Axes, values: Mapping[str, pd.Series], colour: str, column: Column) -> None:
    """Paired bars with the share of each level; of a binary both, of few whole numbers each."""
    if column.kind == "categorical":
        levels = list(column.levels)
        shares = [v.astype(str).value_counts(normalize=True) for v in values.values()]
        names = [level_label(level) for level in levels]
    else:
        levels = sorted(set().union(*values.values()))
        shares = [v.value_counts(normalize=True) for v in values.values()]
        names = ["no", "yes"] if levels == [0, 1] else [f"{level:g}" for level in levels]
    positions = np.arange(len(levels))
    heights = [share.reindex(levels, fill_value=0) for share in shares]
    axis.bar(positions - BAR / 2, heights[0], BAR, color=REAL)
    axis.bar(
        positions + BAR / 2, heights[1], BAR, color=colour, hatch=HATCH, edgecolor="white", lw=0
    )
    axis.set_xticks(positions, names)
    if column.kind == "binary" and levels == [0, 1]:
        _print_shares(axis, heights)


def _print_shares(axis: plt.Axes, heights: list[pd.Series]) -> None:
    """Percent of patients above the bars of a binary."""
    for shift, height in zip((-BAR / 2, BAR / 2), heights, strict=True):
        for position, share in enumerate(height):
            axis.text(
                position + shift, share, f"{100 * share:.0f}", ha="center", va="bottom", fontsize=5
            )
    axis.set_ylim(0, 1.15 * max(height.max() for height in heights))


def _densities(axis: plt.Axes, values: Mapping[str, pd.Series], colour: str, is_log: bool) -> None:
    """A filled kernel density over a light histogram; on a log axis both are of the log."""
    scaled = [np.log10(v) if is_log else v.astype(float) for v in values.values()]
    low, high = min(v.min() for v in scaled), max(v.max() for v in scaled)
    edges, grid = np.linspace(low, high, BINS + 1), np.linspace(low, high, POINTS)
    back = (lambda x: 10**x) if is_log else (lambda x: x)
    for numbers, shade, dash in zip(scaled, (REAL, colour), ("-", "--"), strict=True):
        height, _ = np.histogram(numbers, edges, density=True)
        axis.stairs(height, back(edges), fill=True, color=shade, alpha=0.2, lw=0)
        if numbers.nunique() > 1:
            density = gaussian_kde(numbers)(grid)
            axis.fill_between(back(grid), density, color=shade, alpha=0.25, lw=0)
            axis.plot(back(grid), density, color=shade, ls=dash, lw=0.9)
    axis.set_ylim(bottom=0)
    if is_log:
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_locator(plt.NullLocator())
    else:
        axis.xaxis.set_major_locator(plt.MaxNLocator(3))
