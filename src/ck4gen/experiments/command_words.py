"""A dataset or a method of a run in the words of a command line."""

from __future__ import annotations

import json
import shlex
from typing import Any

from omegaconf import OmegaConf

from ck4gen.config import as_dict, choices, defaults

OWN = "own"  # file of the configuration of a user's own class


def words(group: str, node: dict) -> str:
    """What a command line needs to name a node of a configuration again.

    Args:
        group: ``data`` or ``method``.
        node: That group of the configuration of a run.
    """
    base = node["name"] if node["name"] in choices(group) else OWN
    packed, missing = packaged_keys(group, base)
    keys = [f"{group}={base}"]
    for key, value in node.items():
        if key != "display" and not (key in packed and packed[key] == value):
            added = "" if key in packed or key in missing else "+"
            keys.append(f"{added}{group}.{key}={_text(value)}")
    return " ".join(map(shlex.quote, keys))


def packaged_keys(group: str, name: str) -> tuple[dict[str, Any], set[str]]:
    """Keys of a file of ``conf`` with their values, and those that have none."""
    node = OmegaConf.create(defaults(f"{group}={name}"))[group]
    missing = set(OmegaConf.missing_keys(node))
    kept = [key for key in node if key not in {*missing, "display"}]
    return as_dict(OmegaConf.masked_copy(node, kept)), missing


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value).replace('"', "").replace(" ", "")
    return "null" if value is None else str(value)
