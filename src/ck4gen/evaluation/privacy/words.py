"""Attackers and measures in words for people who were not there."""

from __future__ import annotations

import re

ATTACKS = {  # attack: who attacks, and what the number is
    "copies": (
        "Looks for real patients who stand in the table unchanged.",
        "Share of the patients used who do, over that of others",
    ),
    "outcome_link": (
        "Knows when a patient had the event, or was last seen, and reads the rest off the table.",
        "How much more often that succeeds on patients who were used than on others",
    ),
    "attribute": (
        "Knows everything about a patient but one column, and reads that one off the table.",
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
    "hazard_ratios": "Knows every patient but one, reads the hazard ratios of the table, and asks "
    "whether that one was used.",
    "columns": "Knows every patient but one, reads means and spreads of the columns, and asks "
    "whether that one was used.",
}
EXPOSED = {
    "mean": "How often the one who was used is picked out of two, on average over patients",
    "max": "The same of the patient who is easiest to pick",
}
SHORT = {
    "copies": "patients unchanged in the table",
    "outcome_link": "who knows time and event",
    "attribute": "who knows all but one column",
    "membership": "who asks whether one was used",
    "self_link": "rows back to their patient",
    "hazard_ratios": "reads hazard ratios",
    "columns": "reads means and spreads",
    "mean": "average patient",
    "max": "easiest patient",
}
DESCRIBED = {  # metric that is not judged: its name and its meaning
    "privacy/exact_copy": (
        "rows equal to a patient",
        "share of the rows that agree with a real patient in every column but the outcome",
    ),
    "privacy/outcome_link_advantage": (
        "who knows time and event, counted simply",
        "gain on the column that is told best; the verdict counts more exactly",
    ),
    "privacy/attribute_advantage": (
        "who knows all but one column, counted simply",
        "gain on the column that is told best; the verdict counts more exactly",
    ),
    "privacy/membership_auc": (
        "who asks whether one was used, counted simply",
        "how often the one who was used is picked out of two; guessing: 0.5",
    ),
    "privacy/closer_to_train": (
        "rows nearer to patients used",
        "share of the rows that are nearer to a patient used than to one held out; chance: 0.5",
    ),
    "privacy/dcr_ratio": (
        "distance to the nearest patient",
        "typical distance of a row to the nearest patient used, over that of a patient held out; "
        "as far as new patients: 1",
    ),
    "privacy/nndr": (
        "nearest over second-nearest patient",
        "distance of a row to the nearest patient over that to the second one, for the rows where "
        "it is smallest; near 0: the row belongs to one patient",
    ),
    "privacy/small_cells": (
        "small groups",
        "combinations of all categories that few patients have and the table repeats; listed below",
    ),
    "privacy/singling_out": (
        "singling out",
        "descriptions that fit one row alone and exactly one patient used, over patients held out",
    ),
    "privacy/linkability": (
        "linking",
        "patients used of whom two halves of the record are joined by one row, over others",
    ),
    "privacy/reconstruction": (
        "who knows all but one column of everybody, and solves for it",
        "correlation with the truth of what the statistics of the table add, patients used minus "
        "others; nothing: 0",
    ),
    "privacy/repu": (
        "replicated uniques (RepU)",
        "patients used who are unique by what an outsider may know, and whom exactly one row of "
        "the table repeats",
    ),
    "privacy/repu_gain": ("the same, over patients held out", "0: no more than of new patients"),
    "privacy/disco": (
        "disclosive and correct (DiSCO)",
        "patients used of whom all rows like them agree on one column, rightly; the worst column",
    ),
    "privacy/disco_gain": ("the same, over patients held out", "0: no more than of new patients"),
    "privacy/membership_f1_gain": (
        "who asks whether one was used, among the whole population",
        "how much better than guessing; perfect: 1",
    ),
}
LEVELS = (
    "What the answers mean. pass: for every attack, a leak of the size that counts is ruled out. "
    "fail: an attack found a leak, and the size that counts is not ruled out; patients who stand "
    "in the table unchanged more often than chance explains fail at any size. too few patients: "
    "neither can be said. not tested: an attack could not be tried. Of tables without a leak at "
    "most {level:.0%} fail; of tables with a leak of the size that counts at most {level:.0%} pass "
    "the attack that finds it."
)


def plain(reason: str) -> str:
    """A reason without the names of Python's exceptions.

    Args:
        reason: Of a metric that has no value.
    """
    return re.sub(r"\b\w+Error: ", "", reason)


def short(name: str) -> str:
    """A finding of the verdict in a few words.

    Args:
        name: Its metric.
    """
    *_, kind, last = name.split("/")
    return SHORT[last] if kind == "leak" else f"{SHORT[kind]}, {SHORT[last]}"


def who_and_what(name: str) -> tuple[str, str]:
    """Who attacks, and what the number of a finding is.

    Args:
        name: Its metric.
    """
    *_, kind, last = name.split("/")
    return ATTACKS[last] if kind == "leak" else (STATISTICS[kind], EXPOSED[last])
