"""Hazard ratios of every generator, a small panel a covariate."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import matplotlib.pyplot as plt
import numpy as np

from ck4gen.experiments.display import of_method
from ck4gen.report.figures.labels import column_label, term_label
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import Results
from ck4gen.report.seeds import counted
from ck4gen.report.style import COLUMN, REAL, colour_of, name_of, title_of

ACROSS = 4  # panels in a row
REACH = 2.6  # of a panel from the real estimate, in half widths of the real interval
ROW = 0.098  # inches of a generator's line
LETTERS = 14  # in a line of a panel's title
CLOSE = 0.05  # an interval narrower than this is printed with three decimals


@figure(order=50)
def methods(results: Results, dataset: str) -> Figure:
    """One forest in small panels, scaled so that every real interval is equally wide."""
    runs = results.compared(dataset, "release")
    real = next(iter(runs.values()))[0].hazard_ratios.set_index("term")
    ratios_by_method = {
        method: np.stack(
            [run.hazard_ratios.set_index("term")["synthetic"][real.index] for run in group]
        )
        for method, group in runs.items()
    }
    columns = {column.name: column for column in results.cohort(dataset).schema.columns}
    rows = ceil(len(real) / ACROSS)
    height = rows * (ROW * len(runs) + 0.42) + 0.2
    drawing, axes = plt.subplots(rows, ACROSS, figsize=(COLUMN, height), sharey=True, squeeze=False)
    drawing.set_layout_engine("constrained", w_pad=0.02, wspace=0)
    for term_index, (axis, (term, line)) in enumerate(
        zip(axes.flat, real.iterrows(), strict=False)
    ):
        ends = np.array([line["real_low"], line["real"], line["real_high"]])
        ratios = {method: seeds[:, term_index] for method, seeds in ratios_by_method.items()}
        _panel(axis, ratios, np.log(ends), colour_of(dataset))
        column = columns.get(term)  # a level of a category has no column of its own
        title = column_label(column, LETTERS) if column else term_label(term, LETTERS)
        axis.set_title(title, fontsize=5.5, linespacing=1, pad=3)
        digits = 3 if ends[2] - ends[0] < CLOSE else 2
        axis.set_xticks([-1, 1], [f"{end:.{digits}f}" for end in ends[[0, 2]]], fontsize=5)
        for label, side in zip(axis.get_xticklabels(), ("right", "left"), strict=True):
            label.set_horizontalalignment(side)
    axes[0, 0].set_yticks(range(len(runs)), map(name_of, runs))
    axes[0, 0].set_ylim(len(runs) - 0.4, -0.6)
    for axis in axes.flat:
        axis.tick_params(axis="y", length=0, labelsize=5.5)
    for axis in axes.flat[len(real) :]:
        axis.set_axis_off()
    drawing.supxlabel("Hazard ratio (limits of the real 95% CI)", fontsize=7)
    seeds = counted(map(len, runs.values()))
    caption = (
        f"Hazard ratios of every generator on {title_of(dataset)}, per unit of each covariate. "
        "Gold: the real estimate (line) and its 95% CI (band), whose limits stand below; log "
        "axes, each scaled so that its band is equally wide: a marker that stays in the band is "
        f"within about two standard errors. Markers: geometric means over {seeds}, "
        "hollow for references; faint dots: single seeds; arrows: beyond the panel. No marker: "
        "no estimate in some seed."
    )
    return Figure(
        f"Hazard ratios across generators, {title_of(dataset)}",
        caption,
        drawing,
        [results.command("train", dataset, "release", list(runs))],
    )


def _panel(axis: plt.Axes, ratios: Mapping[str, np.ndarray], real: np.ndarray, colour: str) -> None:
    """One covariate; ``real`` holds the log of the lower limit, the estimate, the upper limit."""
    low, middle, high = real
    axis.axvspan(-1, 1, color=REAL, alpha=0.3, lw=0)
    axis.axvline(0, color=REAL, lw=1)
    for row, (method, values) in enumerate(ratios.items()):
        offsets = (np.log(values) - middle) / ((high - low) / 2)
        inside = offsets[np.abs(offsets) < REACH]
        axis.plot(inside, np.full(len(inside), row), ".", color=colour, alpha=0.35, ms=2.5, mew=0)
        mean = offsets.mean()
        marker = "o" if abs(mean) < REACH else "<" if mean < 0 else ">"
        face = "white" if of_method(method).reference else colour
        marker_offset = np.clip(mean, -REACH, REACH)
        axis.plot(marker_offset, row, marker, color=colour, mfc=face, mew=0.7, ms=3, clip_on=False)
    axis.set_xlim(-REACH, REACH)
