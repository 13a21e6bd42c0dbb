"""``schema.yaml``: the plan as a file that a user can edit and give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.plan import Plan
from ck4gen.data.understanding.question import Question
from ck4gen.data.yaml_file import read_mapping
from ck4gen.settings import InputError

HEAD = """\
# How the table is read. Edit it and give it back with --schema (data.schema).
# kind: numeric, binary, categorical or date; levels: in order, the first is the Cox reference;
# merge: other spelling -> level; missing: texts that mean a blank; step: grid of a numeric column;
# values: the only numbers it can take; drop: why a column is left out.
# duration and event: unit, and happened, the value that is the event, may be edited as well.
# rules: what holds in every row. One that you remove is no longer held; one that you add in the
# same words is checked against the data, and held.
"""
KEYS = ("duration", "event", "columns", "rules")
OUTCOME = {  # block of the file: its keys -> fields of a question
    "duration": {
        "name": "duration", "unit": "unit", "entry_date": "entry_date", "entry": "entry",
        "strata": "strata",
    },
    "event": {"name": "event", "happened": "event_of_interest"},
}  # fmt: skip
OPTIONS = {
    "duration": "the duration column", "event": "the event column", "unit": "the unit",
    "entry_date": "the entry date column", "entry": "the entry column", "strata": "the strata",
}  # fmt: skip


def schema_text(plan: Plan, rules: Sequence[str] | None = None) -> str:
    """The file's text.

    Args:
        plan: How the table is read.
        rules: Rules between its columns in words; None: to be found in the data.
    """
    outcome: dict[str, Any] = {"duration": {"name": plan.duration.name, "unit": plan.duration.unit}}
    if plan.duration.entry:
        outcome["duration"]["entry_date"] = plan.duration.entry
    if plan.entry:
        outcome["duration"]["entry"] = plan.entry
    if plan.strata:
        outcome["duration"]["strata"] = list(plan.strata)
    outcome["event"] = {"name": plan.event.name, "happened": plan.event.happened}
    entries = {column.name: column.to_entry() for column in plan.columns}
    content = outcome | {"columns": entries}
    if rules is not None:
        content["rules"] = list(rules)
    return HEAD + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


@dataclass(frozen=True)
class SchemaFile:
    """What a schema file says.

    Attributes:
        columns: How columns are read; one that it does not name is understood anew.
        rules: Rules in words; None where it says nothing of rules.
        outcome: What it says of duration and event, by the names of :class:`Question`.
    """

    columns: dict[str, ColumnPlan]
    rules: tuple[str, ...] | None
    outcome: Mapping[str, Any] = field(default_factory=dict)

    def completed(self, question: Question) -> Question:
        """The question, with what the file alone says of the outcome.

        Raises:
            InputError: The file says something else than the question.
        """
        outcome_keys = {}
        for key, value in self.outcome.items():
            option = getattr(question, key)
            if not option:
                outcome_keys[key] = value
            elif option != value and key != "event_of_interest":  # an option may correct the file
                raise InputError(
                    f"the schema has {OPTIONS[key]} {_shown(value)}, and {_shown(option)} is asked "
                    "for; give the same in both, or leave it out of the schema"
                )
        return replace(question, **outcome_keys)


def read_schema(path: str | Path) -> SchemaFile:
    """Read a schema file.

    Raises:
        InputError: There is no such file, or it is not of this form.
    """
    content = _content(path)
    return SchemaFile(_columns(path, content), _rules(path, content), _outcome(path, content))


def _outcome(path: str | Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says of duration and event, by the names of a question."""
    outcome: dict[str, Any] = {}
    for block, keys in OUTCOME.items():
        entry = content.get(block) or {}
        if not isinstance(entry, Mapping) or (unknown := [key for key in entry if key not in keys]):
            wrong = f"no key '{unknown[0]}'" if isinstance(entry, Mapping) else "no keys"
            raise InputError(f"'{path}': {block} has {wrong}; its keys are {', '.join(keys)}")
        outcome |= {keys[key]: value for key, value in entry.items() if value not in (None, "", [])}
    if "strata" in outcome:
        strata = outcome["strata"]
        outcome["strata"] = tuple(map(str, strata if isinstance(strata, list) else [strata]))
    return {key: value if key == "strata" else str(value) for key, value in outcome.items()}


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _columns(path: str | Path, content: Mapping[str, Any]) -> dict[str, ColumnPlan]:
    plans = {}
    for name, entry in content["columns"].items():
        if not isinstance(entry, dict):
            raise InputError(f"'{path}': column '{name}' needs keys such as kind: numeric")
        plans[str(name)] = ColumnPlan.from_entry(str(name), entry)
    return plans


def _rules(path: str | Path, content: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "rules" not in content:
        return None
    rules = content["rules"] or []
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise InputError(f"'{path}': rules are a list of sentences, each in quotes: - 'a <= b'")
    return tuple(rules)


def _content(path: str | Path) -> Mapping[str, Any]:
    content = read_mapping("schema", path)
    if not isinstance(content.get("columns"), Mapping):
        raise InputError(f"'{path}' has no columns; start from the schema.yaml that a plan writes")
    for key in content:
        if key not in KEYS:
            raise InputError(f"'{path}' has no key '{key}'; its keys are {', '.join(KEYS)}")
    return content
