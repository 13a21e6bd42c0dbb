"""The card of a run that may leave the house: what was made, and what a recipient may conclude."""

from __future__ import annotations

from ck4gen.experiments.share_readme import conclusions

CARD = """\
# {dataset}, {method}

Synthetic patients with survival times, made by ck4gen {version} (commit {commit}).
split={split}, seed={seed}, id {id}.

**Privacy verdict: {verdict}.** {summary}

{may}

{may_not}

| metric | value | 95% interval |
|---|---|---|
{metrics}
"""
SHOWN = ("hazard/log_hr_z", "hazard/in_ci", "survival/km_divergence", "fidelity/ks", "fidelity/tvd")


def public_card(report: dict, codebook: str) -> str:
    """The card, as Markdown: no number of a single patient, and nothing of the audit's details.

    Args:
        report: Report of the run.
        codebook: Its codebook, YAML text.
    """
    verdict = report.get("verdict") or {}
    may, may_not = conclusions(codebook, report)
    return CARD.format(
        **{key: report[key] for key in ("dataset", "method", "commit", "split", "seed", "id")},
        version=report["versions"]["ck4gen"],
        verdict=verdict.get("overall", "not tested"),
        summary=verdict.get("summary", ""),
        may=may,
        may_not=may_not,
        metrics="\n".join(_row(name, report["metrics"].get(name)) for name in SHOWN),
    )


def _row(name: str, metric: dict | None) -> str:
    if metric is None or metric["value"] is None:
        return f"| {name} | - | - |"
    ends = "-" if metric["low"] is None else f"{metric['low']:.3f} to {metric['high']:.3f}"
    return f"| {name} | {metric['value']:.3f} | {ends} |"
