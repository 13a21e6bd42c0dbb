"""One picture of a generator: its hazard ratios, and what attackers learn from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from ck4gen.evaluation.written_hazards import ENDS
from ck4gen.report.figures.hazard_ratios import arrows, scale
from ck4gen.report.figures.labels import term_label
from ck4gen.report.figures.steps import per_step
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.style import GREY, REAL, mark_of, name_of

WORST = "privacy/worst_case/hazard_ratios"
# the question an attacker asks, and the metric that answers it: an area under the curve,
# or the share of the rows
QUESTIONS = {
    "Share of rows nearer to patients used": "privacy/closer_to_train",
    "Was a patient used? By the rows": "privacy/membership_auc",
    "By the hazard ratios: average patient": f"{WORST}/mean",
    "By the hazard ratios: most exposed patient": f"{WORST}/max",
}
APART = 0.17  # rows between real and synthetic, and between two generators
LETTERS = 28  # in a line of a covariate's label
WIDTH = 6.3  # inches


def overview(
    table: pd.DataFrame,
    meanings: Mapping[str, str],
    method: str,
    audits: Sequence[StoredRun],
    by_term: Mapping[str, float] = MappingProxyType({}),
) -> Drawing:
    """Draw hazard ratios, real above synthetic, beside what attackers learn.

    Args:
        table: ``hazard_ratios.csv`` of a run.
        meanings: What the terms of the table mean; a term without one is shown by its name.
        method: Generator of that run.
        audits: Runs with patients held out, of any generators; one dot each.
        by_term: By term the step that its hazard ratio is per; one unit where it is not named.
    """
    tall = max(0.24 * len(table) + 0.9, 2.4)
    drawing, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, tall), width_ratios=(1.3, 1))
    _hazard_ratios(left, per_step(table, by_term), meanings, method)
    _attacks(right, audits, method)
    return drawing


def _hazard_ratios(
    axis: plt.Axes, table: pd.DataFrame, meanings: Mapping[str, str], method: str
) -> None:
    mark = mark_of(method)
    looks = {
        "real": (-APART, {"marker": "o", "color": REAL, "ms": 4}, "Real patients"),
        "synthetic": (APART, mark, f"Synthetic ({name_of(method)})"),
    }
    for row, line in enumerate(table.to_dict("records")):
        for side, (shift, look, name) in looks.items():
            value, low, high = (line[side + end] for end in ENDS)
            axis.plot([low, high], [row + shift] * 2, color=look["color"], lw=1)
            axis.plot(value, row + shift, ls="", **look, label=name if row == 0 else None)
            arrows(axis, row + shift, low, high)
    axis.axvline(1, color="black", ls="--", lw=0.7, zorder=0)
    axis.set(xscale="log", xlabel="Hazard ratio (95% CI), log axis")
    limits = table[[side + end for side in looks for end in ENDS]].to_numpy()
    scale(axis, limits[np.isfinite(limits) & (limits > 0)])
    labels = [_label(meanings.get(term, term)) for term in table["term"]]
    axis.set_yticks(range(len(table)), labels, linespacing=1, fontsize=6)
    axis.set_ylim(len(table) - 0.4, -0.6)
    axis.set_title("Hazard ratios, real and synthetic", loc="left", pad=18)
    _legend(axis)


def _label(meaning: str) -> str:
    """A covariate; where it takes two lines its unit stands on the second."""
    if len(meaning) > LETTERS and " (per" in meaning:
        return meaning.replace(" (per", "\n(per")
    return term_label(meaning, LETTERS)


def _attacks(axis: plt.Axes, audits: Sequence[StoredRun], shown: str) -> None:
    groups: dict[str, list[StoredRun]] = {}
    for run in audits:
        groups.setdefault(run.report["method"], []).append(run)
    shifts = (np.arange(len(groups)) - (len(groups) - 1) / 2) * 2 * APART
    for shift, (method, runs) in zip(shifts, groups.items(), strict=True):
        look = mark_of(method)
        if method != shown:  # kin share a colour, and the left panel has taken this one
            look |= {"color": GREY, "mfc": GREY, "mec": GREY}
        for row, metric in enumerate(QUESTIONS.values()):
            values = [run.metric(metric) for run in runs]
            where = np.full(len(values), row + shift)
            axis.plot(values, where, ".", color=look["color"], alpha=0.4, ms=4, mew=0)
            label = name_of(method) if row == 0 else None
            axis.plot(np.mean(values), row + shift, ls="", **look, label=label)
    axis.axvline(0.5, color="black", ls="--", lw=0.7, zorder=0)
    axis.set_xlim(0.44, 1.04)
    ticks = {0.5: "0.5\nchance", 0.75: "0.75", 1.0: "1\nalways right"}
    axis.set_xticks(list(ticks), list(ticks.values()))
    axis.set_xlabel("Area under the attacker's curve")
    axis.set_yticks([])
    for row, question in enumerate(QUESTIONS):
        axis.text(0.515, row - 0.36, question, fontsize=6.5)
    axis.set_ylim(len(QUESTIONS) - 0.6, -0.7)
    axis.set_title("What an attacker learns", loc="left", pad=18)
    _legend(axis)


def _legend(axis: plt.Axes) -> None:
    """The legend between title and panel, and no line beside the labels."""
    axis.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 1.02), ncols=2, handletextpad=0.2,
        columnspacing=1, borderaxespad=0,
    )  # fmt: skip
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
