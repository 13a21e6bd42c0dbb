"""The audit in plain words: who attacked the table, what was asked, and what each one learned."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.evaluation.privacy.verdict import NOT_APPLICABLE
from ck4gen.evaluation.privacy.words import plain, short, who_and_what
from ck4gen.evaluation.statuses import FAIL, NOT_TESTED, PASS, TOO_FEW
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS

HEADLINES = {
    PASS: "No attack learned as much as counts, and that is ruled out for each.",
    TOO_FEW: "No attack learned as much as counts, but there are too few patients to rule it out.",
    NOT_TESTED: "What could be measured shows nothing, but not every attack could be tried.",
    FAIL: "Do not share this table: it gives real patients away.",
}
TONES = {PASS: "pass", FAIL: "fail"}  # style of a verdict; others: open
NOT_PROVEN = (
    "This says how these attackers fared. It is no proof (no differential privacy): a cleverer "
    "attacker may do better."
)
BOUNDED = (
    "This says how these attackers fared. The formal guarantee bounds all others, too, as far as "
    "the table and its codebook go."
)
PATIENTS_NEEDED = (
    "About {:,} patients, used and held out together, would be enough to know, if there is no leak."
)
READS = {
    HAZARD_RATIOS: "the hazard ratios of this table",
    COLUMNS: "means and spreads of the columns of this table",
    "targets/table": "everything that the generator was told to keep, together",
}


@dataclass(frozen=True)
class Attack:
    """One attacker: what was tried and learned, in words and numbers.

    Attributes:
        who: What the attacker knows and does.
        short: The same in a few words.
        measure: What the number is.
        found: The number with its bounds, as text.
        value: The number, None where it was not tried.
        low: Lower bound.
        high: Upper bound.
        without: The number without a leak.
        limit: The number from which on it counts.
        chance: Whether the number is a chance of being right, of 0.5 without a leak.
        learned: What was learned, as a sentence.
        status: Answer of the verdict on this attack.
        tone: Style of the answer.
    """

    who: str
    short: str
    measure: str
    found: str
    value: float | None
    low: float | None
    high: float | None
    without: float | None
    limit: float | None
    chance: bool
    learned: str
    status: str
    tone: str


def attacks(audit: dict) -> list[Attack]:
    """Every attacker of an audit.

    Args:
        audit: Report of an audit.
    """
    findings = audit["verdict"]["findings"]
    return [_attack(name, finding, audit["metrics"][name]) for name, finding in findings.items()]


def _attack(name: str, finding: dict, metric: dict) -> Attack:
    who, measure = who_and_what(name)
    tried = finding["limit"] is not None
    value, low, high = (metric[end] if tried else None for end in ("value", "low", "high"))
    return Attack(
        who=who,
        short=short(name),
        measure=measure,
        found=(bounds(metric) or "-") if tried else "-",
        value=value,
        low=low,
        high=high,
        without=finding["null"],
        limit=finding["limit"],
        chance="/leak/" not in name,
        learned=_learned(finding),
        status="does not apply" if finding["status"] == NOT_APPLICABLE else finding["status"],
        tone=TONES.get(finding["status"], "open"),
    )


def bounds(metric: dict | None) -> str | None:
    """A number with its bounds, two decimals; None where there is none."""
    if metric is None or metric["value"] is None:
        return None
    value, low, high = (None if metric[e] is None else two(metric[e]) for e in ENDS)
    return value if low is None or high is None else f"{value} ({low} to {high})"


ENDS = ("value", "low", "high")


def two(value: float) -> str:
    """Two decimals, and no minus before nothing."""
    return f"{round(value, 2) + 0.0:.2f}"


def _learned(finding: dict) -> str:
    """What an attacker learned, as a sentence."""
    note = f" ({plain(finding['note'])})" if finding["note"] else ""
    if finding["limit"] is None:
        return f"Not tried{note}."
    if finding["status"] == FAIL:
        return "Learned something, and that it counts is not ruled out."
    if finding["leak"]:
        return "Learned a little, less than what counts."
    if finding["status"] == PASS:
        return f"Learned nothing that counts: so much is ruled out{note}."
    if finding["status"] == NOT_TESTED:
        return f"Learned nothing that shows{note}."
    if finding["patients"] is None:
        return f"Undecided: {finding['note']}."
    return (
        "Learned nothing that shows, but there are too few patients to rule out what would count; "
        f"about {finding['patients']:,} would do."
    )


def beyond(release: dict) -> str:
    """What is known of attackers who were not tried.

    Args:
        release: Report of the run behind the table, or of an audit that knows of none.
    """
    return NOT_PROVEN if release.get("release", {}).get("epsilon") is None else BOUNDED


@dataclass(frozen=True)
class Certainty:
    """The attacker who knows every other patient and reads one thing: chances as text."""

    reads: str
    average: str
    exposed: str


def worst_case(release: dict) -> list[Certainty]:
    """What that attacker reads from the table itself.

    Args:
        release: Report of the run behind the table.
    """
    rows = []
    for kind, reads in READS.items():
        mean, most = (
            release["metrics"].get(f"privacy/worst_case/{kind}/{part}") for part in ("mean", "max")
        )
        if mean and most and mean["value"] is not None and most["value"] is not None:
            rows.append(Certainty(reads, f"{mean['value']:.0%}", f"{most['value']:.0%}"))
    return rows
