"""The audit in plain words: who attacked the table, what was asked, and what each one learned."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.evaluation.privacy.verdict import NOT_APPLICABLE
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS

HEADLINES = {
    "pass": "No attack learned anything, and a leak that would count is ruled out.",
    "caution": "Look before you share: a leak that would count is not shown, but not ruled out.",
    "fail": "Do not share this table: it gives real patients away.",
    None: "No verdict: no patients were held out.",
}
NOT_PROVEN = (
    "This says how these attackers fared. It is no proof (no differential privacy): a cleverer "
    "attacker may do better."
)
ATTACKS = {  # metric: who attacks, and what the number is
    "exact_copy": (
        "Looks for real patients who stand in the table unchanged.",
        "Share of rows that equal a patient in every covariate",
    ),
    "dcr_ratio": (
        "Asks whether rows lie unusually near to the patients that were used.",
        "Distance of a row to the nearest patient, over that of a patient who was not used",
    ),
    "nndr": (
        "Asks whether rows lie near to one patient in particular.",
        "Distance to the nearest patient over that to the second nearest, in the nearest rows",
    ),
    "closer_to_train": (
        "Asks whom a row resembles more: a patient who was used, or one who was not.",
        "Share of rows that are nearer to those who were used",
    ),
    "self_link": (
        "Looks for the patient behind each row.",
        "Share of rows that lead back to their patient",
    ),
    "outcome_link_advantage": (
        "Knows when a patient had the event, or was last seen, and reads off the rest.",
        "How much more often that succeeds on patients who were used than on others",
    ),
    "attribute_advantage": (
        "Knows all of a patient but one covariate, and reads that one off.",
        "How much more often that succeeds on patients who were used than on others",
    ),
    "membership_auc": (
        "Knows a patient and asks whether he or she was among those used.",
        "How often the one who was used is picked out of two",
    ),
}
GROUPS = {
    "leverage": "Tried on those who move the hazard ratios most.",
    "outliers": "Tried on those unlike all others.",
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


def attacks(audit: dict) -> list[Attack]:
    """Every attacker of an audit.

    Args:
        audit: Report of a run with patients held out.
    """
    found = audit["verdict"]["findings"]
    return [_attack(name, finding, audit["metrics"][name]) for name, finding in found.items()]


def _attack(name: str, finding: dict, metric: dict) -> Attack:
    _, kind, *group = name.split("/")
    who, measure = ATTACKS[kind]
    status = "does not apply" if finding["status"] == NOT_APPLICABLE else finding["status"]
    numbers = ("-", "-", "-")
    if finding["limit"] is not None:
        value = "{value:.2f} ({low:.2f} to {high:.2f})".format(**metric)
        numbers = value, f"{finding['null']:.2f}", f"{finding['limit']:.2f}"
    return Attack(
        " ".join([who, *(GROUPS[one] for one in group)]),
        measure,
        *numbers,
        _learned(finding),
        status,
    )


def _learned(finding: dict) -> str:
    """What an attacker learned, as a sentence."""
    note = f" ({finding['note']})" if finding["note"] else ""
    if finding["limit"] is None:
        return f"Not tried{note}."
    if finding["status"] == "fail":
        return "Learned something, and as much as counts."
    if finding["leak"]:
        return "Learned a little, less than what counts."
    if finding["status"] == "pass":
        return f"Learned nothing; what would count is ruled out{note}."
    return (
        "Learned nothing that shows, but there are too few patients to rule out what would count."
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
