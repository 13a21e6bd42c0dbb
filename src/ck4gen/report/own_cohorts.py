"""Cohorts of a user's own: each content of a file, read in one way, is one by the file's name."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from ck4gen.config import as_dict, defaults, without
from ck4gen.experiments.missing import NAMED

SHOWN = ("name", "display")  # of a node: how it is called, not what it is


def name_cohorts(reports: Iterable[dict]) -> None:
    """Give the reports of ``data=csv`` and its like the name of the file as their dataset.

    The name is that of the file without its ending; where two cohorts would share one, because
    folders, contents or keys of ``data`` differ, a number follows. Cohorts of more runs come first.

    Args:
        reports: Reports of runs; those of own files are changed in place.
    """
    own = [report for report in reports if report["dataset"] in NAMED]
    counts = Counter(map(_node, own))
    names: dict[str, str] = {}
    for node, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        keys = json.loads(node)
        stem = Path(keys["path"]).stem if keys.get("path") else keys["dataset"]
        like = sum(name == stem or name.startswith(f"{stem}-") for name in names.values())
        names[node] = f"{stem}-{like + 1}" if like else stem
    for report, name in [(report, names[_node(report)]) for report in own]:
        report["dataset"] = name


def _node(report: dict) -> str:
    node = without(report["config"]["data"], "display")
    keys = {"dataset": report["dataset"], "content": content_of(report)}
    return json.dumps(node | keys, sort_keys=True)


def content_of(report: dict) -> str | None:
    """Hash of the content of the user's files behind a run; None where it has none of them."""
    return report.get("hashes", {}).get("data")


def words(node: dict) -> str:
    """What a command line needs to name the cohort of a node of the configuration again.

    Args:
        node: ``data`` of a run of an own file.
    """
    packed = packaged_keys(node["name"])
    given = {key: value for key, value in node.items() if key not in SHOWN}
    keys = [f"data={node['name']}"]
    keys += [f"data.{key}={_text(v)}" for key, v in given.items() if packed.get(key) != v]
    return " ".join(map(shlex.quote, keys))


def packaged_keys(name: str) -> dict[str, Any]:
    """Keys of ``conf/data/<name>.yaml``; those without a value are left out."""
    node = OmegaConf.create(defaults(f"data={name}"))["data"]
    missing = OmegaConf.missing_keys(node)
    kept = [key for key in node if key not in {*missing, "display"}]
    return as_dict(OmegaConf.masked_copy(node, kept))


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value).replace('"', "").replace(" ", "")
    return "null" if value is None else str(value)
