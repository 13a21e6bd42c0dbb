"""The file in which somebody says what is publicly known of a table, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ck4gen.data.public_column import PublicColumn, level_text
from ck4gen.data.public_table import PLAIN, STATES, WRITTEN, PublicTable
from ck4gen.data.yaml_file import read_mapping
from ck4gen.settings import InputError

SCALES = ("linear", "log")
OF_COLUMN = (
    "levels",
    "ordered",
    "low",
    "high",
    "decimals",
    "scale",
    "missing",
    "follows",
    "cuts",
    "meaning",
    "unit",
)
OF_TABLE = (*PLAIN, *WRITTEN, "event", "columns")
MARKS = (".", ",", " ", "'", "")


def public_table(state: Mapping, where: str) -> PublicTable:
    """The description that a YAML file holds.

    Args:
        state: Its content.
        where: Name of the file, for messages.

    Raises:
        InputError: Every fault of it.
    """
    faults = _unknown(state, OF_TABLE)
    columns = state.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        faults.append("columns is missing; give each covariate its levels, or low and high")
        columns = {}
    made = []
    for name, entry in columns.items():
        column, wrong = public_column(str(name), entry)
        faults += [f"columns.{name}: {fault}" for fault in wrong]
        made.append(column)
    numeric = {column.name for column in made if column.kind == "numeric"}
    faults += [
        f"columns.{c.name}: it follows '{c.follows}', which is no numeric column"
        for c in made
        if c.follows and c.follows not in numeric
    ]
    horizon = state.get("horizon")
    if not isinstance(horizon, int | float) or not horizon > 0:
        faults.append("horizon is missing; give the planned end of follow-up, above 0")
        horizon = 1
    written = _written(state, faults)
    if faults:
        raise InputError(f"{where} does not describe a table: {'; '.join(faults)}")
    plain = {name: state[name] for name in PLAIN if name in state}
    return PublicTable(tuple(made), **plain | written | {"horizon": float(horizon)})


def _written(state: Mapping, faults: list[str]) -> dict[str, str]:
    """How a user's file writes numbers, dates and events; what is wrong is added to the faults."""
    written = {name: str(state[name]) for name in WRITTEN if state.get(name) is not None}
    decimal, thousands = written.get("decimal_mark", "."), written.get("thousands_mark", "")
    if decimal not in MARKS[:2] or thousands not in MARKS or decimal == thousands:
        faults.append(
            "decimal_mark is '.' or ',', and thousands_mark another one of '.', ',', ' ' and \"'\""
        )
    event = state.get("event") or {}
    if not isinstance(event, Mapping) or set(event) - set(STATES):
        faults.append("event must be {happened: VALUE, censored: VALUE}")
        return written
    states = {name: level_text(event[name]) for name in STATES if event.get(name) is not None}
    if len(states) == 2 and len(set(states.values())) == 1:
        faults.append("event has one value for happened and censored")
    return written | states


def read_public_table(file: Path) -> PublicTable:
    """The description in a YAML file, or the one by which a ``private_release.json`` was made.

    Raises:
        InputError: There is no such file, or every fault of it.
    """
    try:
        release = json.loads(file.read_text(encoding="utf-8"))
        return public_table(release["description"]["public"], file.name)
    except (OSError, ValueError, KeyError, TypeError):  # YAML, or a refusal of its own
        return public_table(read_mapping("the public description", file), file.name)


def public_column(name: str, entry: object) -> tuple[PublicColumn, list[str]]:
    """A column, and what is wrong with its description."""
    if not isinstance(entry, Mapping):
        return PublicColumn(name), ["give it levels, or low and high"]
    faults = _unknown(entry, OF_COLUMN)
    options = {key: value for key, value in entry.items() if key in OF_COLUMN}
    if isinstance(options.get("missing"), list):
        options |= {"codes": tuple(map(level_text, options["missing"])), "missing": True}
    if "levels" in options:
        options["levels"] = tuple(level_text(level) for level in options["levels"])
        if len(set(options["levels"])) < max(2, len(options["levels"])):
            faults.append("levels must be at least two, each once")
        if options["levels"] == ("1", "0"):
            faults.append("levels of 0 and 1 are [0, 1], and of words in quotes: ['yes', 'no']")
        cuts = options["cuts"] = tuple(options.get("cuts", ()))
        if "follows" in options and (
            len(cuts) != len(options["levels"]) - 1 or cuts != tuple(sorted(cuts))
        ):
            faults.append("cuts must be rising numbers, one fewer than levels")
    elif not {"low", "high"} <= set(options):
        faults.append("give it levels, or low and high")
    elif not options["low"] < options["high"]:
        faults.append("low must be below high")
    if options.get("scale", "linear") not in SCALES:
        faults.append(f"scale is '{options['scale']}'; use one of {', '.join(SCALES)}")
    return (PublicColumn(name) if faults else PublicColumn(name, **options)), faults


def _unknown(entry: Mapping, names: tuple[str, ...]) -> list[str]:
    return [f"{key} is no key; use {', '.join(names)}" for key in entry if key not in names]
