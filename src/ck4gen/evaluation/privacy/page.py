"""The privacy audit of a run as one page for a data custodian."""

from __future__ import annotations

import pandas as pd

from ck4gen.evaluation.base.registry import find
from ck4gen.evaluation.privacy.worst_case import STATISTICS
from ck4gen.guard.influence import SUMMARIES
from ck4gen.markdown import markdown

COLUMNS = ["attack", "verdict", "leak (bounds)", "without a leak", "counts from", "note"]
DESCRIBED = {  # metric: beside what it is read
    "privacy/exact_copy": ("privacy/exact_copy_chance", "privacy/exact_copy_twins"),
    "privacy/outcome_link_advantage": (),
    "privacy/attribute_advantage": (),
    "privacy/membership_auc": (),
    "privacy/closer_to_train": (),
    "privacy/dcr_ratio": (),
    "privacy/nndr": ("privacy/nndr_holdout",),
    "privacy/small_cells": (),
    "privacy/singling_out": (),
    "privacy/linkability": (),
    "privacy/repu": (),
    "privacy/repu_gain": (),
    "privacy/disco": (),
    "privacy/disco_gain": (),
    "privacy/membership_f1_gain": (),
}


LEVELS = (
    "pass: a leak that counts is ruled out, by every attack. fail: a leak is shown, and one that "
    "counts is not ruled out; copies beyond chance fail at any size. too few patients: neither. "
    "not tested: not measured. Of tables without a leak at most {level:.0%} fail, of tables with "
    "one as large as a limit at most {level:.0%} pass that attack."
)


def audit_page(report: dict, cells: pd.DataFrame | str, fewest: int) -> str:
    """The page in Markdown.

    Args:
        report: ``report.json`` of a run, with its ``verdict``.
        cells: Small cells that the table repeats, or the reason why there are none to list.
        fewest: Patients below which a combination is a small cell.
    """
    judged = report["verdict"]
    title = f"{report['dataset']}, {report['method']}, seed {report['seed']}, {report['split']}"
    parts = [f"# Privacy audit: {title}"]
    parts.append(f"**Verdict: {judged['overall']}**")
    parts += [f"Not tested: {judged['reason']}."] if judged["reason"] else []
    parts.append(judged["summary"])
    rows = [_row(name, found, report) for name, found in judged["findings"].items()]
    parts.append(markdown(pd.DataFrame(rows, columns=COLUMNS)))
    level = report["config"]["evaluation"]["verdict"]["level"]
    parts.append(LEVELS.format(level=level))
    parts.append("## Described, not judged")
    parts.append(_described(report))
    parts.append("## The attacker who knows every other patient")
    parts.append(_worst_case(report))
    parts.append("## Small cells")
    parts.append(_cells(cells, fewest))
    return "\n\n".join(parts) + "\n"


def _row(name: str, found: dict, report: dict) -> list[str]:
    metric = report["metrics"][name]
    short = name.removeprefix("privacy/").removeprefix("leak/")
    if found["limit"] is None:
        return [short, found["status"], "-", "-", "-", found["note"]]
    ends = (f"{found[end]:.3f}" for end in ("null", "limit"))
    return [short, found["status"], interval(metric), *ends, found["note"] or ""]


def interval(metric: dict, digits: int = 3) -> str:
    """A metric with its interval, where it has one."""
    if metric["value"] is None:
        return "-"
    value, low, high = (metric[end] for end in ("value", "low", "high"))
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def described(report: dict) -> list[tuple[str, str, str]]:
    """What is measured and not judged: label, value with its control, meaning."""
    rows = []
    for name, controls in DESCRIBED.items():
        metric, info = report["metrics"].get(name), find(name)
        if metric is None or metric["value"] is None or info is None:
            continue
        known = [report["metrics"].get(control) for control in controls]
        beside = [interval(one) for one in known if one and one["value"] is not None][:1]
        value = interval(metric, 0 if info.digits == 0 else 3)
        rows.append((info.label, "; without a leak ".join([value, *beside]), info.meaning))
    return rows


def _described(report: dict) -> str:
    rows = described(report)
    if not rows:
        return "Nothing was measured."
    return markdown(pd.DataFrame(rows, columns=["metric", "value", "meaning"]))


def _worst_case(report: dict) -> str:
    """What the guard did, and what single patients leave in the statistics of the table."""
    metrics = report["metrics"]
    diagnostics = report.get("diagnostics", {})
    noise = diagnostics.get("guard/noise")
    guard = (
        "No guard: numbers of real patients reach the table as they are."
        if not noise
        else f"The guard's noise is {noise:g} of a bootstrap's; it capped "
        f"{diagnostics['guard/capped']:.0f} patients."
    )
    rows = []
    for kind, text in STATISTICS.items():
        found = {name: metrics.get(f"privacy/worst_case/{kind}/{name}") for name in SUMMARIES}
        if any(metric is None or metric["value"] is None for metric in found.values()):
            continue
        rows.append([text, *(f"{metric['value']:.2f}" for metric in found.values())])
    if not rows:
        return guard
    table = pd.DataFrame(rows, columns=["she reads", *SUMMARIES.values()])
    return (
        f"{guard} She asks whether one patient was in. Area under her curve, 0.5: she can't "
        f"tell, 1: she is sure.\n\n{markdown(table)}"
    )


def _cells(cells: pd.DataFrame | str, fewest: int) -> str:
    if isinstance(cells, str):
        return f"None to list: {cells}."
    what = (
        f"combinations of all categories and binaries that fewer than {fewest} of the patients "
        "hold that the table was made from"
    )
    if cells.empty:
        return f"The synthetic table repeats no {what}."
    return (
        f"The synthetic table repeats {len(cells)} {what}. Look at each; new patients fall into "
        "some of them too. This list describes real patients: do not publish it with the "
        "table.\n\n" + markdown(cells.astype(str).map(_escaped))
    )


def _escaped(cell: str) -> str:
    return cell.replace("|", r"\|")
