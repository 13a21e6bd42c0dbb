"""The codebook of a synthetic table that has the user's own names and coding."""

from __future__ import annotations

from typing import Any

import yaml

from ck4gen.data.schema import DURATION, ENTRY, EVENT
from ck4gen.data.understanding.plan import Plan

# not which: a rare level or an odd spelling may be that of a single patient
MERGED = "other spellings and rare levels were merged into these levels"


def presented_codebook(plan: Plan, codebook: str) -> str:
    """The codebook of :meth:`Schema.codebook` for the table of :meth:`Plan.presented`.

    Args:
        plan: How the real table was read.
        codebook: YAML text with the names within.
    """
    book: dict[str, Any] = yaml.safe_load(codebook)
    within: dict[str, Any] = book["columns"]
    columns: dict[str, Any] = {}
    blank = {name for names in plan.blanks.values() for name in names}
    for column in plan.kept:
        entry = dict(within[plan.internal[column.name]])
        if column.kind == "binary" and column.levels:
            entry["levels"] = [level == "True" for level in column.levels]
        if column.merge:
            entry["merged"] = MERGED
        if column.name in blank:
            entry["missing"] = "blank where the value is missing, as in the real table"
        columns[column.name] = entry
    if plan.entry:
        columns[plan.entry] = within[ENTRY]
    columns[plan.duration_name] = within[DURATION]
    columns[plan.event.name] = within[EVENT] | {
        "levels": list(plan.event.coding.values()),
        "event": plan.event.happened,
        "meaning": f"'{plan.event.happened}' where the event happened, '{plan.event.censored}' "
        "where the follow-up ended without it (censored)",
    }
    if plan.event.competing:
        columns[plan.event.name] |= {
            "kind": "categorical",
            "meaning": f"'{plan.event.censored}' is censored; each other value is a cause",
            "competing": [texts[0] for texts in plan.event.competing],
        }
    return yaml.safe_dump(book | {"columns": columns}, sort_keys=False, allow_unicode=True)
