"""Dots: the error of every re-analysis, for a table, a bootstrap and CART."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from ck4gen.report.style import COLUMN, GREY, mark_of, name_of

TABLE = {"marker": "o", "color": "#0072b2", "ms": 4, "mew": 0}
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
LOWEST = 0.1  # an error below it is drawn there
ROW = 0.155  # inches


def dots(tables: Mapping[str, pd.DataFrame], name: str = "Table") -> Drawing:
    """Draw one panel per cohort, a row per analysis, on a log axis.

    Shares of verdicts, whose ideal is 1, are left out, and lines without a value anywhere.

    Args:
        tables: By title, what :func:`ck4gen.evaluation.reanalysis.beside.beside` gives.
        name: What the table is called in the legend.
    """
    lines = next(iter(tables.values()))
    drawn = pd.concat([t.set_index("line")["table"].notna() for t in tables.values()], axis=1)
    lines = lines[(lines["ideal"] == 0) & drawn.any(axis=1).to_numpy()].set_index("line")
    width = COLUMN if len(tables) == 1 else COLUMN * (len(tables) + 1) / 2
    drawing, axes = plt.subplots(
        1, len(tables), figsize=(width, ROW * len(lines) + 0.75), sharey=True, squeeze=False
    )
    columns = ["table", "bootstrap", "cart"]
    largest = max(
        t.set_index("line").loc[lines.index, columns].max().max() for t in tables.values()
    )
    for axis, (title, table) in zip(axes.flat, tables.items(), strict=True):
        _scale(axis, max(TICKS[4], largest))
        _panel(axis, table.set_index("line").loc[lines.index], name)
        axis.set_title(title)
    axes[0, 0].set_yticks(np.arange(len(lines)), lines["label"])
    axes[0, 0].set_ylim(len(lines) - 0.4, -0.6)
    drawing.supxlabel("Error, in real standard errors (log axis)", fontsize=7)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside upper center", ncols=3)
    return drawing


def _panel(axis: plt.Axes, lines: pd.DataFrame, name: str) -> None:
    marks = {
        "bootstrap": (name_of("bootstrap"), mark_of("bootstrap")),
        "cart": (name_of("cart"), mark_of("cart")),
        "table": (name, TABLE),
    }
    rows = np.arange(len(lines))
    for column, (label, mark) in marks.items():
        values = lines[column].clip(lower=LOWEST)
        axis.plot(values, rows, ls="", label=label, clip_on=False, **mark)
    axis.hlines(rows, LOWEST, TICKS[-1], color="0.9", lw=0.5, zorder=0)
    axis.axvline(1, color=GREY, ls="--", lw=0.7, zorder=0)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)


def _scale(axis: plt.Axes, largest: float) -> None:
    """One log axis for every panel."""
    axis.set_xlim(LOWEST, largest * 1.15)
    axis.set_xscale("log")
    ticks = [tick for tick in TICKS if tick <= largest]
    axis.set_xticks(ticks, [f"≤{LOWEST:g}", *(f"{tick:g}" for tick in ticks[1:])])
    axis.xaxis.set_minor_locator(plt.NullLocator())
