"""The privacy audit of a run as one page for a data custodian."""

from __future__ import annotations

import pandas as pd

from ck4gen.evaluation.privacy.verdict import NO_GUARANTEE
from ck4gen.evaluation.privacy.worst_case import STATISTICS
from ck4gen.guard.influence import SUMMARIES
from ck4gen.markdown import markdown

COLUMNS = ["metric", "status", "value (95% CI)", "without a leak", "fails at", "note"]


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
    if judged["overall"] is None:
        parts.append(f"**No verdict**: {judged['reason']}.")
        parts.append(NO_GUARANTEE)
    else:
        parts.append(f"**Verdict: {judged['overall']}**")
        parts.append(judged["summary"])
        rows = [_row(name, found, report) for name, found in judged["findings"].items()]
        confidence = report["config"]["evaluation"]["confidence"]
        columns = [column.replace("95", f"{100 * confidence:g}") for column in COLUMNS]
        parts.append(markdown(pd.DataFrame(rows, columns=columns)))
        parts.append(
            "pass: a leak of the size at which the table fails is ruled out. fail: a leak is shown "
            "and reaches that size. caution: neither, or not measured."
        )
    parts.append("## The attacker who knows every other patient")
    parts.append(_worst_case(report))
    parts.append("## Small cells")
    parts.append(_cells(cells, fewest))
    return "\n\n".join(parts) + "\n"


def _row(name: str, found: dict, report: dict) -> list[str]:
    metric = report["metrics"][name]
    if found["limit"] is None:
        return [name, found["status"], "-", "-", "-", found["note"]]
    value = "{value:.3f} ({low:.3f} to {high:.3f})".format(**metric)
    ends = (f"{found[end]:.3f}" for end in ("null", "limit"))
    return [name, found["status"], value, *ends, found["note"] or ""]


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
