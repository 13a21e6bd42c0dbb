"""The audit in plain words: who attacked the table, what was asked, and what each one learned."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.evaluation.privacy.page import interval
from ck4gen.evaluation.privacy.verdict import NOT_APPLICABLE
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
ATTACKS = {  # attack: who attacks, and what the number is
    "copies": (
        "Looks for real patients who stand in the table unchanged.",
        "Share of the patients used who do, over that of others",
    ),
    "outcome_link": (
        "Knows when a patient had the event, or was last seen, and reads off the rest.",
        "How much more often that succeeds on patients who were used than on others",
    ),
    "attribute": (
        "Knows all of a patient but one covariate, and reads that one off.",
        "How much more often that succeeds on patients who were used than on others",
    ),
    "membership": (
        "Knows a patient and asks whether he or she was among those used.",
        "Right answers minus wrong ones, of two patients one of whom was used",
    ),
    "self_link": (
        "Looks for the patient behind each row.",
        "Share of rows that lead back to their patient, above chance",
    ),
}
STATISTICS = {
    "hazard_ratios": "Knows every other patient and reads the hazard ratios of the table.",
    "columns": "Knows every other patient and reads means and spreads of the columns.",
}
EXPOSED = {
    "mean": "How often the one who was used is picked out of two, on average",
    "max": "The same of the most exposed patient",
}
READS = {
    HAZARD_RATIOS: "the hazard ratios of this table",
    COLUMNS: "means and spreads of the columns of this table",
    "targets/table": "everything that the generator was told to keep, together",
}


@dataclass(frozen=True)
class Attack:
    """One attacker: what was tried and learned, all as text."""

    who: str
    measure: str
    found: str
    without: str
    limit: str
    learned: str
    status: str
    tone: str


def attacks(audit: dict) -> list[Attack]:
    """Every attacker of an audit.

    Args:
        audit: Report of an audit.
    """
    found = audit["verdict"]["findings"]
    return [_attack(name, finding, audit["metrics"][name]) for name, finding in found.items()]


def _attack(name: str, finding: dict, metric: dict) -> Attack:
    *_, kind, last = name.split("/")
    who, measure = ATTACKS[last] if kind == "leak" else (STATISTICS[kind], EXPOSED[last])
    status = "does not apply" if finding["status"] == NOT_APPLICABLE else finding["status"]
    numbers = ("-", "-", "-")
    if finding["limit"] is not None:
        numbers = interval(metric, 2), f"{finding['null']:.2f}", f"{finding['limit']:.2f}"
    tone = TONES.get(finding["status"], "open")
    return Attack(who, measure, *numbers, _learned(finding), status, tone)


def _learned(finding: dict) -> str:
    """What an attacker learned, as a sentence."""
    note = f" ({finding['note']})" if finding["note"] else ""
    if finding["limit"] is None:
        return f"Not tried{note}."
    if finding["status"] == FAIL:
        return "Learned something, and that it counts is not ruled out."
    if finding["leak"]:
        return "Learned a little, less than what counts."
    if finding["status"] == PASS:
        return f"Learned nothing; what would count is ruled out{note}."
    if finding["status"] == NOT_TESTED:
        return f"Learned nothing that shows{note}."
    if finding["patients"] is None:
        return f"Undecided: {finding['note']}."
    return (
        "Learned nothing that shows, but there are too few patients to rule out what would count; "
        f"about {finding['patients']:,} would do."
    )


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
