"""``schema.yaml``: the plan as a file that a user can edit and give back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.plan import Plan
from ck4gen.settings import InputError

HEAD = """\
# How the table is read. Edit it and give it back with --schema (data.schema).
# kind: numeric, binary, categorical or date; levels: in order, the first is the Cox reference;
# merge: other spelling -> level; missing: texts that mean a blank; step: grid of a numeric column;
# values: the only numbers it can take; drop: why a column is left out.
"""
KEYS = ("duration", "event", "columns")


def schema_text(plan: Plan) -> str:
    """The file's text."""
    outcome: dict[str, Any] = {"duration": {"name": plan.duration.name, "unit": plan.duration.unit}}
    if plan.duration.entry:
        outcome["duration"]["entry_date"] = plan.duration.entry
    outcome["event"] = {"name": plan.event.name, "happened": plan.event.happened}
    entries = {column.name: column.to_entry() for column in plan.columns}
    text = yaml.safe_dump(
        outcome | {"columns": entries}, sort_keys=False, allow_unicode=True, width=100
    )
    return HEAD + text


def read_schema(path: str | Path) -> dict[str, ColumnPlan]:
    """The columns of a schema file; a column that it does not name is understood anew.

    Raises:
        InputError: There is no such file, or it is not of this form.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(f"schema '{path}' is no file (looked in {file.absolute().parent})")
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"'{path}' is no YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise InputError(f"'{path}' has no columns; start from the schema.yaml that a plan writes")
    for key in content:
        if key not in KEYS:
            raise InputError(f"'{path}' has no key '{key}'; its keys are {', '.join(KEYS)}")
    plans = {}
    for name, entry in content["columns"].items():
        if not isinstance(entry, dict):
            raise InputError(f"'{path}': column '{name}' needs keys such as kind: numeric")
        plans[str(name)] = ColumnPlan.from_entry(str(name), entry)
    return plans
