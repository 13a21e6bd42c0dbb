"""Forest plot: hazard ratios real and synthetic, side by side."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

REAL = "#c8960c"  # gold, always
SYNTHETIC = {"gbsg2": "#6a3d9a", "actg320": "#2e7d32", "whas500": "#666666", "flchain": "#1f6fb2"}
OTHER = "#444444"  # a user's own cohort


def forest(table: pd.DataFrame, dataset: str, file: Path) -> None:
    """Draw hazard ratios (95% CI) on a log axis, real left and synthetic right.

    Args:
        table: ``hazard_ratios.csv`` of a run.
        dataset: Its dataset, for the colour of the synthetic panel.
        file: Where to write; the suffix decides the format.
    """
    sides = {"real": REAL, "synthetic": SYNTHETIC.get(dataset, OTHER)}
    rows = range(len(table))
    figure, axes = plt.subplots(
        1, 2, figsize=(9, 0.32 * len(table) + 1.1), sharex=True, sharey=True, layout="constrained"
    )
    for axis, (side, colour) in zip(axes, sides.items(), strict=True):
        for row, line in zip(rows, table.to_dict("records"), strict=True):
            axis.plot([line[f"{side}_low"], line[f"{side}_high"]], [row, row], color="black", lw=1)
            axis.plot(line[side], row, "o", color=colour, ms=6, mec="black", mew=0.6)
            numbers = "{:.2f} ({:.2f}-{:.2f})".format(
                *(line[side + end] for end in ("", "_low", "_high"))
            )
            axis.text(1.02, row, numbers, transform=axis.get_yaxis_transform(), va="center")
        axis.axvline(1, color="black", ls="--", lw=0.8)
        axis.set(title=side.capitalize(), xscale="log", xlabel="Hazard ratio per unit (95% CI)")
        axis.xaxis.set_major_locator(plt.FixedLocator([0.25, 0.5, 0.7, 1, 1.4, 2, 3, 5]))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_locator(plt.NullLocator())
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(list(rows), table["term"])
    axes[0].invert_yaxis()
    figure.savefig(file, dpi=160)
    plt.close(figure)
