"""The groups and keys of a command with their comments, as its yaml file in ``conf`` has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]  # not from ck4gen.config, whose Hydra would cost help its speed
CONF = next(folder for folder in (PACKAGE / "conf", PACKAGE.parents[1] / "conf") if folder.is_dir())
ENTRY = re.compile(r"(?P<indent> *)(?P<name>[\w/@.]+):\s*(?P<value>.*?)\s*(?:\s#\s?(?P<note>.*))?$")
GROUP = re.compile(r"  - (?:override )?/?(?P<name>\w+): (?P<value>\S+)\s*(?:#\s?(?P<note>.*))?$")


@dataclass(frozen=True)
class Key:
    """A key of a configuration: its dotted name, its default, its comment, its values if few."""

    name: str
    default: str
    note: str
    options: tuple[str, ...] = ()


@cache
def keys(config: str) -> tuple[Key, ...]:
    """Groups, then single keys, of a file of ``conf`` and of the file that it extends."""
    text = (CONF / f"{config}.yaml").read_text()
    head, _, body = text.partition("\n\n")
    by_name = {key.name: key for key in (*_groups(head), *_entries(body))}
    if base := re.search(r"^  - (\w+)$", head.replace("- _self_", ""), re.MULTILINE):
        inherited = {key.name: key for key in keys(base[1])}
        for name in inherited.keys() & by_name.keys():
            by_name[name] = replace(by_name[name], note=by_name[name].note or inherited[name].note)
        by_name = inherited | by_name
    return tuple(sorted(by_name.values(), key=lambda key: not key.options))


def _groups(head: str) -> list[Key]:
    matches = [GROUP.match(line) for line in head.splitlines()]
    return [
        Key(m["name"], m["value"], m["note"] or "", tuple(_files(CONF / m["name"])))
        for m in matches
        if m is not None
    ]


def _files(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.yaml"))


def _entries(body: str) -> list[Key]:
    parents: list[str] = []
    entries = []
    for line in body.partition("\nhydra:")[0].splitlines():
        entry = ENTRY.match(line)
        if entry is None:
            continue
        del parents[len(entry["indent"]) // 2 :]
        parents.append(entry["name"])
        if entry["value"] and not entry["value"].startswith("#"):
            entries.append(Key(".".join(parents), entry["value"], entry["note"] or ""))
    return entries
