"""The privacy audit of a run as one page for a data custodian."""

from __future__ import annotations

import pandas as pd

from ck4gen.evaluation.base.registry import find
from ck4gen.evaluation.privacy.words import DESCRIBED, LEVELS, plain, short, who_and_what
from ck4gen.evaluation.privacy.worst_case import STATISTICS
from ck4gen.guard.influence import SUMMARIES
from ck4gen.markdown import markdown

COLUMNS = [
    "attack",
    "verdict",
    "learned (lower to upper bound)",
    "without a leak",
    "counts from",
    "note",
]
CONTROLS = {  # metric: beside what it is read
    "privacy/exact_copy": ("privacy/exact_copy_chance", "privacy/exact_copy_twins"),
    "privacy/nndr": ("privacy/nndr_holdout",),
}
UNGUARDED = "No guard: numbers of real patients reach the table as they are."
GUARDED = (
    "The guard moves every number of the patients by {noise:g} times what chance moves it from one "
    "sample of patients to the next. Patients of great influence who were given less weight: "
    "{capped:.0f}."
)
FORMAL = "The formal guarantee above bounds this attacker as it bounds all others."
KEEP = "For whoever keeps the real data. This page describes real patients; it is not passed on."
GAIN = (
    "An attack learns what it finds out about patients who were used, over what it finds out about "
    "patients who were not; 0 is nothing, and less than 0 is chance. A chance of being right is "
    "0.5 where the attacker can only guess."
)
SOME = (
    "Attacks were tried on {used:,} of {patients:,} patients used and {others:,} of {held_out:,} "
    "held out, drawn at random, against the whole table; the bounds allow for it. Copies are those "
    "of everybody."
)


def attacked(patients: int, held_out: int, most: int) -> str:
    """What to say where not everybody is attacked; empty where everybody is.

    Args:
        patients: Patients used.
        held_out: Patients held out; 0: nobody, and no attack is tried.
        most: Patients of either side who are attacked at most.
    """
    if not held_out or max(patients, held_out) <= most:
        return ""
    used, others = min(patients, most), min(held_out, most)
    return SOME.format(used=used, patients=patients, others=others, held_out=held_out)


def audit_page(report: dict, cells: pd.DataFrame | str, fewest: int, some: str = "") -> str:
    """The page in Markdown.

    Args:
        report: ``report.json`` of a run, with its ``verdict``.
        cells: Small cells that the table repeats, or the reason why there are none to list.
        fewest: Patients below which a combination is a small cell.
        some: Of :func:`attacked`.
    """
    verdict = report["verdict"]
    title = f"{report['dataset']}, {report['method']}, seed {report['seed']}, {report['split']}"
    parts = [f"# Privacy audit: {title}"]
    parts.append(KEEP)
    parts.append(f"**Verdict: {verdict['overall']}**")
    parts += [f"Not tested: {plain(verdict['reason'])}."] if verdict["reason"] else []
    parts.append(verdict["summary"])
    rows = [_row(name, finding, report) for name, finding in verdict["findings"].items()]
    parts.append(markdown(pd.DataFrame(rows, columns=COLUMNS)))
    level = report["config"]["evaluation"]["verdict"]["level"]
    parts += [some] if some else []
    parts.append(GAIN)
    parts.append(LEVELS.format(level=level))
    parts.append("## The attackers")
    parts.append(_attackers(verdict["findings"]))
    parts.append("## Described, not judged")
    parts.append(_described(report))
    parts.append("## The attacker who knows every other patient")
    parts.append(_worst_case(report))
    parts.append("## Small groups")
    parts.append(_cells(cells, fewest))
    return "\n\n".join(parts) + "\n"


def _row(name: str, finding: dict, report: dict) -> list[str]:
    metric = report["metrics"][name]
    if finding["limit"] is None:
        return [short(name), finding["status"], "-", "-", "-", plain(finding["note"] or "")]
    ends = (f"{finding[end]:.3f}" for end in ("null", "limit"))
    return [short(name), finding["status"], interval(metric), *ends, finding["note"] or ""]


def _attackers(findings: dict) -> str:
    """Each attacker in a line: what is known, what is done, what the number is."""
    lines = []
    for name in findings:
        who, what = who_and_what(name)
        lines.append(f"- **{short(name)}**. {who} The number: {what[0].lower()}{what[1:]}.")
    return "\n".join(lines)


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
    for name, (label, meaning) in DESCRIBED.items():
        metric, info = report["metrics"].get(name), find(name)
        if metric is None or metric["value"] is None or info is None:
            continue
        controls = [report["metrics"].get(control) for control in CONTROLS.get(name, ())]
        beside = [interval(one) for one in controls if one and one["value"] is not None][:1]
        value = interval(metric, 0 if info.digits == 0 else 3)
        rows.append((label, "; without a leak ".join([value, *beside]), meaning))
    return rows


def _described(report: dict) -> str:
    rows = described(report)
    if not rows:
        return "Nothing was measured."
    return markdown(pd.DataFrame(rows, columns=["measure", "value (95% interval)", "meaning"]))


def _worst_case(report: dict) -> str:
    """What the guard did, and what single patients leave in the statistics of the table."""
    metrics = report["metrics"]
    diagnostics = report.get("diagnostics", {})
    noise = diagnostics.get("guard/noise")
    guard = UNGUARDED
    if noise:
        guard = GUARDED.format(noise=noise, capped=diagnostics["guard/capped"])
    elif report.get("release", {}).get("epsilon") is not None:
        guard = FORMAL
    rows = []
    for kind, text in STATISTICS.items():
        summaries = {name: metrics.get(f"privacy/worst_case/{kind}/{name}") for name in SUMMARIES}
        if any(metric is None or metric["value"] is None for metric in summaries.values()):
            continue
        rows.append([text, *(f"{metric['value']:.2f}" for metric in summaries.values())])
    if not rows:
        return guard
    table = pd.DataFrame(rows, columns=["reads", *SUMMARIES.values()])
    return (
        f"{guard} This attacker asks whether a certain patient was used. The number is how often "
        "the one who was is picked out of two: 0.5 is guessing, 1 is certainty.\n\n"
        f"{markdown(table)}"
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
        "some of them too. This list describes real patients: it stays with "
        "you.\n\n" + markdown(cells.astype(str).map(_escaped))
    )


def _escaped(cell: str) -> str:
    return cell.replace("|", r"\|")
