"""The audit of a table that was made anywhere, as plain values for a page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from ck4gen.config import defaults
from ck4gen.experiments.card.answers import About
from ck4gen.experiments.card.audit_section import audit_section
from ck4gen.experiments.card.comparison import compared, hazard_error
from ck4gen.experiments.card.review import card_settings
from ck4gen.experiments.read_pair import SCRIPT

if TYPE_CHECKING:
    from ck4gen.experiments.audit_tables import Audited

FIDELITY = {
    "survival/km_divergence": "mean distance between the two survival curves (0: equal)",
    "fidelity/ks": "largest distance between the distributions of a column of numbers, on average "
    "over such columns (0: equal, 1: apart)",
    "fidelity/tvd": "share of patients who would have to change their category to make the "
    "categories equal, on average",
    "fidelity/correlation": "difference between a real and a synthetic correlation, on average",
    "fidelity/invalid": "cells with a value that the real table cannot have",
}


def audit_content(audit: Audited, report: dict, most_cells: int, audited: date) -> dict:
    """What the page says.

    Args:
        audit: The audit.
        report: The same as plain values.
        most_cells: Small cells that are listed.
        audited: Day of the audit.
    """
    pair, rows = audit.pair, report["rows"]
    plan = pair.plan
    cells = pd.DataFrame() if isinstance(audit.cells, str) else audit.cells
    least = audit.settings.min_rows
    both = compared(plan, pair.real, pair.synthetic, pair.schema, audit.ratios, report, least)
    keys = defaults(script=SCRIPT)
    about = About(
        patients=rows["real"],
        columns=len(plan.columns),
        left_out=len(both["left_out"]),
        merged_below=keys["data"]["understanding"]["min_cell"],
        protection=None,
        hazard=hazard_error(report),
        cells_listed="they stand under small groups on this page",
    )
    settings = card_settings({"card": keys["card"]})
    return {
        "what": "audit of a synthetic table, for whoever keeps the real one",
        "tables": report["tables"],
        "rows": rows,
        "count": report["synthetic_tables"],
        "controls": rows.get("holdout", 0),
        "notes": [*plan.event.notes, *plan.duration.notes, *audit.notes],
        **both,
        **audit_section(about, report, report, settings, audited),
        "likeness": _likeness(report),
        "cells": cells.astype(str).head(most_cells).to_numpy().tolist(),
        "cell_names": [str(name) for name in cells],
        "more_cells": max(len(cells) - most_cells, 0),
        "no_cells": audit.cells if isinstance(audit.cells, str) else "",
        "fewest": audit.settings.privacy.small_cell,
        "level": audit.settings.name,
        "version": report["versions"]["ck4gen"],
    }


def _likeness(report: dict) -> list[tuple[str, str]]:
    rows = []
    for name, meaning in FIDELITY.items():
        metric = report["metrics"][name]
        value = metric["reason"] if metric["value"] is None else f"{metric['value']:.3f}"
        rows.append((meaning, value))
    return rows
