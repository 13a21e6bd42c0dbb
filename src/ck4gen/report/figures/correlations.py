"""Correlations of the Cox design, real above synthetic."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.image import AxesImage

from ck4gen.report.figures.labels import term_label
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import Results
from ck4gen.report.style import COLUMN, name_of, title_of

LIGHT_TEXT = 0.75  # |correlation| from which white is easier to read than black


@figure(order=20)
def correlations(results: Results, dataset: str) -> Figure:
    """Pearson correlations of the terms of the Cox design, lower triangle."""
    run = results.shown(dataset)
    cohort = results.cohort(dataset)
    tables = {"Real": cohort.table, name_of(results.generator): results.synthetic(run)}
    matrices = {title: cohort.schema.design(table).corr() for title, table in tables.items()}
    terms = len(cohort.schema.design_names)
    drawing, axes = plt.subplots(2, 1, figsize=(COLUMN, 1.5 + 0.4 * terms), sharex=True)
    for axis, (title, table) in zip(axes, matrices.items(), strict=True):
        image = _triangle(axis, table)
        axis.set_title(title, loc="left", fontweight="bold")
    axes[0].tick_params(axis="x", labelbottom=False)
    labels = [term_label(term, 30) for term in matrices["Real"].columns[:-1]]
    axes[1].set_xticks(range(terms - 1), labels, rotation=90)
    bar = drawing.colorbar(image, ax=axes, location="bottom", shrink=0.7, aspect=35, pad=0.03)
    bar.set_label("Pearson correlation")
    bar.outline.set_linewidth(0.4)
    real, synthetic = map(_below, matrices.values())
    caption = (
        f"Correlations of the covariates of {title_of(dataset)} as the Cox model takes them "
        f"(categories as dummies), real above, {name_of(results.generator)} (seed {run.seed}) "
        f"below. The largest difference is {np.nanmax(np.abs(real - synthetic)):.2f}."
    )
    if any(table.isna().any(axis=None) for table in matrices.values()):
        caption += " A dash: the column does not vary."
    return Figure(
        f"Correlations, {title_of(dataset)}",
        caption,
        drawing,
        [results.command("train", dataset, "release", [results.generator])],
    )


def _below(table: pd.DataFrame) -> np.ndarray:
    """(p - 1, p - 1) correlations below the diagonal, NaN elsewhere."""
    values = table.to_numpy()[1:, :-1]
    return np.where(np.tri(len(values), dtype=bool), values, np.nan)


def _triangle(axis: plt.Axes, table: pd.DataFrame) -> AxesImage:
    values = _below(table)
    image = axis.imshow(values, cmap="coolwarm", vmin=-1, vmax=1, aspect="auto")
    for row, column in zip(*np.tril_indices(len(values)), strict=True):
        value = values[row, column]
        text = "-" if np.isnan(value) else f"{round(value, 2) + 0.0:.2f}"
        colour = "white" if abs(value) > LIGHT_TEXT else "black"
        position = float(column), float(row)
        axis.text(*position, text, ha="center", va="center", fontsize=5.5, color=colour)
    axis.set_yticks(range(len(values)), [term_label(term, 30) for term in table.columns[1:]])
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return image
