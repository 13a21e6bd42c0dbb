"""Facts of an audit as text, with which the questions of custodians are answered."""

from __future__ import annotations

from dataclasses import dataclass

from ck4gen.experiments.card.attackers import HEADLINES, PATIENTS_NEEDED, beyond, bounds

OF_METRICS = {
    "copies": "privacy/leak/copies",
    "self_link": "privacy/leak/self_link",
    "outcome_link": "privacy/leak/outcome_link",
    "attribute": "privacy/leak/attribute",
    "membership": "privacy/leak/membership",
    "singling_out": "privacy/singling_out",
    "linkability": "privacy/linkability",
    "reconstruction": "privacy/reconstruction",
    "repu_gain": "privacy/repu_gain",
    "disco_gain": "privacy/disco_gain",
    "f1_gain": "privacy/membership_f1_gain",
}
WHOSE = {
    "copies": "Patients used who stand in the table unchanged, beyond chance",
    "self_link": "Rows that lead back to their patient, beyond chance",
}
BELOW = "{what}: the upper bound is {high:.2f}, and so not above {limit:.2f}."
ABOVE = "{what}: the upper bound is {high:.2f}, above {limit:.2f}, so that is not shown."


@dataclass(frozen=True)
class About:
    """What an audit does not say of the tables itself.

    Attributes:
        patients: Patients that the table was made from.
        columns: Columns of the real table.
        left_out: Columns of it that were left out.
        merged_below: Categories of fewer patients were merged; None where none were.
        protection: How the table was protected, as a sentence; None where that is not known.
        hazard: How near the hazard ratios are, as a sentence.
        cells_listed: Where small groups of patients are listed, as a clause.
    """

    patients: int
    columns: int
    left_out: int
    merged_below: int | None
    protection: str | None
    hazard: str
    cells_listed: str


def facts(about: About, audit: dict, release: dict) -> dict[str, str | None]:
    """Every fact by name; None where the audit has none.

    Args:
        about: What was made from what.
        audit: Report of the audit.
        release: Report of the run behind the table; that of the audit where there is no other.
    """
    settings, verdict = audit["config"]["evaluation"], audit["verdict"]
    population = settings["privacy"].get("population")
    cells = release["metrics"].get("privacy/small_cells")
    has_cells = cells is not None and cells["value"] is not None
    worst = {part: release["metrics"].get(WORST.format(part)) for part in ("mean", "max")}
    return {
        **{name: bounds(audit["metrics"].get(metric)) for name, metric in OF_METRICS.items()},
        **{f"threshold_{name}": _threshold(name, audit) for name in WHOSE},
        **{f"worst_{part}": _percent(metric) for part, metric in worst.items()},
        "verdict": verdict["overall"],
        "headline": HEADLINES[verdict["overall"]],
        "patients": f"{about.patients:,}",
        "population": None if population is None else f"{population:,}",
        "columns": str(about.columns),
        "left_out": str(about.left_out),
        "merged_below": None if about.merged_below is None else str(about.merged_below),
        "protection": about.protection,
        "hazard": about.hazard,
        "cells_listed": about.cells_listed,
        "small_cells": f"{cells['value']:.0f}" if cells is not None and has_cells else None,
        "small_cell_below": str(settings["privacy"]["small_cell"]),
        "patients_needed": _needed(verdict),
        "not_proven": beyond(release),
    }


WORST = "privacy/worst_case/hazard_ratios/{}"


def _threshold(name: str, audit: dict) -> str | None:
    """Whether the bound lies below the limit of the verdict, which is the regulators'."""
    metric, limit = audit["metrics"][OF_METRICS[name]], audit["config"]["evaluation"]["verdict"]
    if metric["value"] is None or metric["high"] is None:
        return None
    text = BELOW if metric["high"] <= limit[name] else ABOVE
    return text.format(what=WHOSE[name], high=metric["high"], limit=limit[name])


def _percent(metric: dict | None) -> str | None:
    return None if metric is None or metric["value"] is None else f"{metric['value']:.0%}"


def _needed(verdict: dict) -> str | None:
    most = verdict.get("patients")
    return None if most is None else PATIENTS_NEEDED.format(most)
