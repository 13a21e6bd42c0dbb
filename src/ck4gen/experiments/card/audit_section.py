"""What every card says of an audit, as plain values: of a run, or of tables made anywhere."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ck4gen.evaluation.privacy.page import described
from ck4gen.evaluation.privacy.words import LEVELS, plain
from ck4gen.experiments.card import attackers
from ck4gen.experiments.card.answers import About, facts
from ck4gen.experiments.card.custodian import answered, book, named
from ck4gen.experiments.card.reanalyses import reanalyses
from ck4gen.experiments.card.review import CardSettings, review
from ck4gen.experiments.prepare import CROSSFIT


def audit_section(
    about: About, audit: dict, release: dict, settings: CardSettings, audited: date
) -> dict:
    """Verdict, attackers, answers to what custodians are asked, usefulness, limits, dates.

    Args:
        about: What was made from what.
        audit: Report of the audit.
        release: Report of the run behind the table; that of the audit where there is no other.
        settings: Of the card.
        audited: Day of the audit.
    """
    verdict, fact_values = audit["verdict"], facts(about, audit, release)
    level = audit["config"]["evaluation"]["verdict"]["level"]
    return {
        "review": review(audited, settings.review_months),
        "verdict": {
            "answer": verdict["overall"],
            "tone": attackers.TONES.get(verdict["overall"], "open"),
            "sentence": attackers.HEADLINES[verdict["overall"]],
            "summary": verdict["summary"],
            "reason": plain(verdict["reason"] or ""),
            "levels": LEVELS.format(level=level),
        },
        "attackers": [asdict(attack) for attack in attackers.attacks(audit)],
        "described": [
            {"label": label, "found": value, "meaning": meaning}
            for label, value, meaning in described(audit)
        ],
        "worst_case": [asdict(row) for row in attackers.worst_case(release)],
        "not_proven": attackers.beyond(release),
        "usefulness": {"hazard_ratios": about.hazard, "other_analyses": reanalyses(release)},
        "limits": list(book()["limits"]),
        "names": named(fact_values, audit["metrics"], audit.get("split") == CROSSFIT),
        "questions": answered(fact_values),
    }
