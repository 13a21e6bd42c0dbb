"""The audit of a table that was made anywhere, as one page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from ck4gen.evaluation.privacy.page import LEVELS, described
from ck4gen.experiments.card import attackers
from ck4gen.experiments.card.comparison import (
    MOST_TERMS,
    cause_error,
    columns_read,
    complete_case_error,
    facts,
    forest_rows,
    hazard_error,
    outcome_curves,
    ratio_rows,
)
from ck4gen.experiments.card.drawing import forest
from ck4gen.pages import page_environment

if TYPE_CHECKING:
    from ck4gen.experiments.audit_tables import Audited

FIDELITY = {
    "survival/km_divergence": "mean distance between the two survival curves",
    "fidelity/ks": "largest distance between the distributions of a numeric column, mean",
    "fidelity/tvd": "share of patients to move for equal categories, mean",
    "fidelity/correlation": "difference of a correlation, mean",
    "fidelity/invalid": "cells with a value that the real table cannot have",
}


def audit_page(found: Audited, report: dict, most_cells: int) -> str:
    """The page as HTML.

    Args:
        found: The audit.
        report: The same as plain values.
        most_cells: Small cells that are listed.
    """
    pair, verdict = found.pair, found.verdict
    cells = pd.DataFrame() if isinstance(found.cells, str) else found.cells
    rows = report["rows"]
    return (
        page_environment("ck4gen.experiments.card")
        .get_template("audit.html.j2")
        .render(
            tables=report["tables"],
            rows=rows,
            count=report["synthetic_tables"],
            controls=rows.get("holdout", 0),
            facts=facts(pair.plan, pair.real),
            columns=columns_read(pair.plan.kept),
            dropped=[(column.name, column.drop) for column in pair.plan.columns if column.drop],
            notes=[*pair.plan.event.notes, *pair.plan.duration.notes, *found.notes],
            verdict=verdict["overall"],
            tone=attackers.TONES.get(verdict["overall"], "open"),
            headline=attackers.HEADLINES[verdict["overall"]],
            reason=verdict["reason"],
            summary=verdict["summary"],
            levels=LEVELS.format(level=found.settings.verdict.level),
            hazard=hazard_error(report),
            complete=complete_case_error(report),
            forest=Markup(forest(forest_rows(found.ratios, pair.schema))),
            ratios=ratio_rows(found.ratios, pair.schema),
            more=max(len(found.ratios) - MOST_TERMS, 0),
            curves=outcome_curves(
                pair.real,
                pair.synthetic,
                pair.schema,
                pair.plan.duration.unit,
                found.settings.min_rows,
            ),
            causes=cause_error(report) if pair.schema.causes else "",
            attacks=attackers.attacks(report),
            described=described(report),
            worst_case=attackers.worst_case(report),
            fidelity=_fidelity(report),
            cells=cells.astype(str).head(most_cells).to_numpy().tolist(),
            cell_names=list(cells),
            more_cells=max(len(cells) - most_cells, 0),
            no_cells=found.cells if isinstance(found.cells, str) else "",
            fewest=found.settings.privacy.small_cell,
            not_proven=attackers.NOT_PROVEN,
            level=found.settings.name,
            version=report["versions"]["ck4gen"],
            today=date.today().isoformat(),
        )
    )


def _fidelity(report: dict) -> list[tuple[str, str]]:
    rows = []
    for name, meaning in FIDELITY.items():
        metric = report["metrics"][name]
        value = metric["reason"] if metric["value"] is None else f"{metric['value']:.3f}"
        rows.append((meaning, value))
    return rows
