"""Runs that are there in the words of a command line that makes others like them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from ck4gen.config import ROOT, as_dict, choices, defaults
from ck4gen.experiments.configurations import flat_keys, root_keys

OWN = "own"  # file of the configuration of a user's own class
HELD_OUT = "holdout", "folds"
SYNTAX = frozenset("=,{}[]()'\"#")  # what Hydra reads as more than a text


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
            keys.append(f"{added}{group}.{key}={value_text(value)}")
    return " ".join(map(shlex.quote, keys))


def packaged_keys(group: str, name: str) -> tuple[dict[str, Any], set[str]]:
    """Keys of a file of ``conf`` with their values, and those that have none."""
    node = OmegaConf.create(defaults(f"{group}={name}"))[group]
    missing = set(OmegaConf.missing_keys(node))
    kept = [key for key in node if key not in {*missing, "display"}]
    return as_dict(OmegaConf.masked_copy(node, kept)), missing


def shared_words(reports: Sequence[dict]) -> list[str]:
    """What all of these runs share beside dataset, method, split and seed, unless it is default.

    Args:
        reports: Reports of runs.
    """
    config = defaults()
    packed = dict(flat_keys(root_keys({"split": "", "config": config})))
    packed |= {"evaluation": config["evaluation"]["name"]} | {k: config[k] for k in HELD_OUT}
    shared = [
        dict(flat_keys(root_keys(report)))
        | {"evaluation": report["config"].get("evaluation", {}).get("name")}
        for report in reports
    ]
    return [
        shlex.quote(f"{key}={value_text(value)}")
        for key, value in shared[0].items()
        if value not in (None, packed.get(key)) and all(one.get(key) == value for one in shared)
    ]


def output_words(output_dir: Path) -> list[str]:
    """``output_dir=...`` of a command line, unless it is the default."""
    if output_dir == ROOT / "outputs":
        return []
    return [shlex.quote(f"output_dir={value_text(str(output_dir))}")]


def value_text(value: Any) -> str:
    """A value as Hydra reads it."""
    if isinstance(value, list):
        return f"[{','.join(map(value_text, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{value_text(v)}' for key, v in value.items())}}}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if SYNTAX & set(value) else value
    return json.dumps(value)
