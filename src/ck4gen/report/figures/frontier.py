"""Privacy against utility: where every generator sits, and the way that latent noise takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from scipy import stats

from ck4gen.config import without
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import CONFIGURED, FLOOR, MissingRuns, Results
from ck4gen.report.seeds import counted, over_seeds
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import COLUMN, mark_of, name_of, title_of

ERROR, CLOSER = "hazard/log_hr_z", "privacy/closer_to_train"
PRIVACY = {
    CLOSER: (0.5, "Closer to train\n(share of rows)"),
    "privacy/outcome_link_advantage": (0, "Outcome link\n(gain in share of hits)"),
}
LINEAR = 0.1  # standard errors below which the axis of errors is linear: it holds a 0
ERRORS = (0, 0.1, 0.3, 1, 3, 10)


@figure(order=120, by_dataset=False)
def frontier(results: Results) -> Figure:
    """Two privacy measures against the error of hazard ratios, a row a dataset."""
    data = pd.DataFrame(_rows(results))
    if data.empty:
        raise MissingRuns
    data = data.assign(**_successes(data))
    datasets = list(data["dataset"].unique())
    drawing, axes = plt.subplots(
        len(datasets), len(PRIVACY), figsize=(COLUMN, 1.25 * len(datasets) + 1.1),
        sharex="col", sharey=True, squeeze=False,
    )  # fmt: skip
    for row, dataset in zip(axes, datasets, strict=True):
        rows_of_dataset = data[data["dataset"] == dataset]
        for axis, (measure, (chance, _)) in zip(row, PRIVACY.items(), strict=True):
            axis.axvline(chance, color="black", ls=":", lw=0.7, zorder=0)
            scatter(axis, rows_of_dataset[rows_of_dataset["packaged"]], measure, ERROR)
            _ways(axis, rows_of_dataset, measure)
        row[0].set_ylabel(f"{title_of(dataset)}\nerror (SE)")
    for axis, (_, label) in zip(axes[-1], PRIVACY.values(), strict=True):
        axis.set_xlabel(label)
    error_axis(axes[0, 0], data[ERROR])
    methods = [m for m in results.methods if m in set(data["method"])]
    legend(drawing, methods)
    seeds = counted(data.loc[data["packaged"], "seeds"])
    dashed = "; dashed: that of the bootstrap, the noise floor" if FLOOR in methods else ""
    caption = (
        "Privacy against utility on audit runs (30 % of patients held out). Up: mean error of the "
        f"log hazard ratios in real standard errors, linear below {LINEAR}"
        f"{dashed}. Right: share of synthetic rows closer to a training row "
        "than to a held-out one, and what knowing a patient's outcome adds to an attacker's hits; "
        f"dotted: chance. Lower left is better. Markers: means over {seeds}, bars: "
        f"SD; {_curve(data)}{_success_counts(data, methods)}"
    )
    by_methods: dict[tuple[str, ...], list[str]] = {}
    for dataset in datasets:
        with_runs = set(data.loc[data["dataset"] == dataset, "method"])
        by_methods.setdefault(tuple(m for m in methods if m in with_runs), []).append(dataset)
    commands = [
        results.command("train", ",".join(names), "audit", shown)
        for shown, names in by_methods.items()
    ]
    return Figure("Privacy against utility", caption, drawing, commands, data)


def noise_variants(results: Results, standard: StoredRun) -> dict[float, list[StoredRun]]:
    """Variants that differ from a packaged run in ``method.noise`` alone, by their noise."""

    def rest(run: StoredRun) -> dict:
        config = {key: run.report["config"].get(key) for key in CONFIGURED}
        method = {key: value for key, value in config["method"].items() if key != "noise"}
        config = without(config | {"method": method}, "display")
        return config | {"split": run.report["split"]}

    by_noise: dict[float, list[StoredRun]] = {}
    if "noise" in standard.report["config"]["method"]:
        for run in results.variants:
            if rest(run) == rest(standard):
                by_noise.setdefault(run.report["config"]["method"]["noise"], []).append(run)
    return by_noise


def _rows(results: Results) -> Iterator[dict]:
    """One row a dataset, generator and noise: means and SDs over seeds."""
    for dataset in results.datasets:
        for method in results.methods:
            if runs := results.runs(dataset, method, "audit"):
                noise = runs[0].report["config"]["method"].get("noise", float("nan"))
                groups = {noise: runs} | noise_variants(results, runs[0])
                for level, group in groups.items():
                    head = {"dataset": dataset, "method": method, "noise": level}
                    yield head | {"packaged": group is runs} | averages(group, [ERROR, *PRIVACY])


def averages(runs: list[StoredRun], metrics: list[str]) -> dict[str, float]:
    """``seeds``, and the mean and ``(SD)`` of each metric over the runs that have it."""
    row: dict[str, float] = {"seeds": len(runs)}
    for metric in metrics:
        row |= {metric + part: x for part, x in over_seeds(runs, metric).parts().items()}
    return row


def scatter(axis: plt.Axes, data: pd.DataFrame, x: str, y: str) -> None:
    """A marker a generator with its SDs, and the level of the bootstrap."""
    for _, line in data.iterrows():
        mark = mark_of(line["method"])
        spread: dict[str, Any] = {"xerr": line[f"{x} (SD)"], "yerr": line[f"{y} (SD)"]}
        axis.errorbar(line[x], line[y], **spread, elinewidth=0.5, ls="", **mark)
    for level in data.loc[data["method"] == FLOOR, y]:
        axis.axhline(level, color="black", ls="--", lw=0.7, zorder=0)


def error_axis(axis: plt.Axes, errors: pd.Series) -> None:
    """The axis of errors that all panels share: linear, then logarithmic."""
    axis.set_yscale("symlog", linthresh=LINEAR, linscale=0.5)
    axis.set_yticks(ERRORS, [f"{tick:g}" for tick in ERRORS])
    axis.yaxis.set_minor_locator(plt.NullLocator())
    axis.set_ylim(-0.03, 1.6 * errors.max())


def legend(drawing: plt.Figure, methods: list[str]) -> None:
    """Markers of the generators below the panels."""
    handles = [Line2D([], [], ls="", label=name_of(m), **mark_of(m)) for m in methods]
    drawing.legend(
        handles=handles, loc="outside lower center", ncols=3, fontsize=6, handletextpad=0.2
    )


def _curve(data: pd.DataFrame) -> str:
    swept = data[~data["packaged"]]
    if swept.empty:
        return "no other latent noise than the packaged one has been run. "
    levels = ", ".join(f"{noise:g}" for noise in sorted(swept["noise"].unique()))
    return (
        f"lines: the same generator with latent noise of SD {levels}; the larger a dot, the more. "
    )


def _successes(data: pd.DataFrame) -> dict[str, pd.Series]:
    """Whether a row beats the bootstrap of its cohort, and whether its patients stay unknown.

    The first is NaN where no bootstrap was run. At chance: the 95% t-interval over seeds of
    ``closer_to_train`` holds 0.5 or lies below it; one seed has no interval, so its own value has
    to.
    """
    floors = data["dataset"].map(data[data["method"] == FLOOR].set_index("dataset")[ERROR])
    half = stats.t.ppf(0.975, (data["seeds"] - 1).clip(lower=1)) / np.sqrt(data["seeds"])
    lowest = data[CLOSER] - (half * data[f"{CLOSER} (SD)"]).fillna(0)
    return {
        "below_bootstrap": (data[ERROR] < floors).where(floors.notna()),
        "at_chance": lowest <= PRIVACY[CLOSER][0],
    }


def _success_counts(data: pd.DataFrame, methods: list[str]) -> str:
    """On how many cohorts each generator does well, on either axis."""
    packaged = data[data["packaged"] & (data["method"] != FLOOR)]

    def counts(column: str) -> str:
        successes = packaged.dropna(subset=column).groupby("method")[column]
        hit, cohorts = successes.sum(), successes.size()
        return "; ".join(f"{name_of(m)} {hit[m]:.0f} of {cohorts[m]}" for m in methods if m in hit)

    below = counts("below_bootstrap")
    return (
        f"{f'Cohorts with an error below that of the bootstrap: {below}. ' if below else ''}"
        "Cohorts where closer to train is at chance (95% interval over seeds, wide where they are "
        f"few): {counts('at_chance')}."
    )


def _ways(axis: plt.Axes, data: pd.DataFrame, measure: str) -> None:
    """Lines through the runs of a generator that differ in noise alone."""
    for method, line in data.groupby("method"):
        if len(line) > 1:
            way = line.sort_values("noise")
            colour = mark_of(str(method))["color"]
            axis.plot(way[measure], way[ERROR], color=colour, lw=0.7)
            swept = way[~way["packaged"]]
            sizes = 2 + 8 * swept["noise"]
            axis.scatter(swept[measure], swept[ERROR], sizes, color=colour, lw=0, zorder=3)
