"""What a table costs, and what it gives."""

from __future__ import annotations

from math import ceil

import matplotlib.pyplot as plt
import pandas as pd

from ck4gen.report.figures.frontier import ERROR, averages, error_axis, legend, scatter
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import FLOOR, MissingRuns, Results
from ck4gen.report.seeds import counted
from ck4gen.report.stored_run import TABLE_SECONDS
from ck4gen.report.style import COLUMN, GREY, title_of

SECONDS = TABLE_SECONDS
LEAST = 0.01  # seconds; what took no more stands side by side in a strip below
STRIDE = 1.6  # factor between two of them
TICKS = (0.01, 0.1, 1, 10, 100, 1000)


@figure(order=130, by_dataset=False)
def cost(results: Results) -> Figure:
    """Seconds of a fit and its table against the error of hazard ratios, a panel a dataset."""
    methods = results.generators("release")
    runs = {
        (dataset, method): method_runs
        for dataset in results.datasets
        for method in methods
        if (method_runs := results.runs(dataset, method, "release"))
    }
    if not runs:
        raise MissingRuns
    data = pd.DataFrame(
        {"dataset": dataset, "method": method} | averages(method_runs, [SECONDS, ERROR])
        for (dataset, method), method_runs in runs.items()
    )
    cheap = (data[SECONDS] <= LEAST).groupby(data["dataset"]).sum().max()
    strip = LEAST / STRIDE ** (cheap + 1)
    shown = list(data["dataset"].unique())
    rows = ceil(len(shown) / 2)
    drawing, axes = plt.subplots(
        rows, 2, figsize=(COLUMN, 0.3 + 1.8 * rows), sharex=True, sharey=True, squeeze=False
    )
    for axis, dataset in zip(axes.flat, shown, strict=False):
        rows_of_dataset = data[data["dataset"] == dataset]
        scatter(axis, _spread_out(rows_of_dataset), SECONDS, ERROR)
        axis.set_title(title_of(dataset))
        if cheap:
            _mark_strip(axis, strip)
    for axis in axes.flat[len(shown) :]:
        axis.set_axis_off()
    slowest = data[SECONDS].max()
    axes[0, 0].set_xscale("log")
    axes[0, 0].set_xticks([tick for tick in TICKS if tick <= 2 * slowest])
    axes[0, 0].xaxis.set_major_formatter("{x:g}")
    axes[0, 0].xaxis.set_minor_locator(plt.NullLocator())
    axes[0, 0].set_xlim(strip, 2.5 * slowest)
    error_axis(axes[0, 0], data[ERROR])
    for axis in axes[-1]:
        axis.set_xlabel("Seconds to fit and draw")
    for axis in axes[:, 0]:
        axis.set_ylabel("Error of log HR (SE)")
    shown = [method for method in methods if method in set(data["method"])]
    legend(drawing, shown)
    caption = (
        "Seconds that a fit (CPU, one thread) and its table take, calibration included (log "
        "axis), against the mean error of the log hazard ratios in real standard errors, release "
        f"runs; means over {counted(data['seeds'])}, bars: SD. "
        + (f"Grey: at most {LEAST:g} s, side by side. " if cheap else "")
        + ("Dashed: the bootstrap's error, the noise floor. " if FLOOR in shown else "")
        + "Seconds are those of the machine that made the runs."
    )
    commands = [
        results.command("train", dataset, "release", group["method"])
        for dataset, group in data.groupby("dataset", sort=False)
    ]
    return Figure("Cost against utility", caption, drawing, commands, data)


def _mark_strip(axis: plt.Axes, left: float) -> None:
    """The strip of fits whose seconds are too few to be told apart."""
    axis.axvspan(left, LEAST, color="0.93", zorder=-1)
    axis.text(
        left, 0.03, f" ≤ {LEAST:g} s", fontsize=5.5, color=GREY,
        transform=axis.get_xaxis_transform(),
    )  # fmt: skip


def _spread_out(data: pd.DataFrame) -> pd.DataFrame:
    """Fits of at most ``LEAST`` seconds at places of their own in the strip, in their order."""
    cheap = data[SECONDS] <= LEAST
    positions = data[SECONDS].where(~cheap, LEAST / STRIDE ** cheap.cumsum())
    spread = data[f"{SECONDS} (SD)"].where(~cheap)
    return data.assign(**{SECONDS: positions, f"{SECONDS} (SD)": spread})
