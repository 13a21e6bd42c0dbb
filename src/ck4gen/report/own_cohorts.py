"""Cohorts of a user's own: each content of a file, read in one way, is one by the file's name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ck4gen.config import without
from ck4gen.experiments.missing import packaged_names


def name_cohorts(reports: Iterable[dict]) -> None:
    """Give the reports of ``data=csv`` and of own classes the name of the file as their dataset.

    The name is that of the file without its ending; where two cohorts would share one, because
    folders, contents or keys of ``data`` differ, a number follows. Cohorts of more runs come first.

    Args:
        reports: Reports of runs; those of own files are changed in place.
    """
    packaged = packaged_names("data")
    user_reports = [report for report in reports if report["dataset"] not in packaged]
    counts = Counter(map(_node, user_reports))
    names: dict[str, str] = {}
    for node, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        keys = json.loads(node)
        stem = Path(keys["path"]).stem if keys.get("path") else keys["dataset"]
        like = sum(name == stem or name.startswith(f"{stem}-") for name in names.values())
        names[node] = f"{stem}-{like + 1}" if like else stem
    for report, name in [(report, names[_node(report)]) for report in user_reports]:
        report["dataset"] = name


def _node(report: dict) -> str:
    node = without(report["config"]["data"], "display")
    keys = {"dataset": report["dataset"], "content": content_of(report)}
    return json.dumps(node | keys, sort_keys=True)


def content_of(report: dict) -> str | None:
    """Hash of the content of the user's files behind a run; None where it has none of them."""
    return report.get("hashes", {}).get("data")
