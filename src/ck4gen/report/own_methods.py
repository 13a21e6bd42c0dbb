"""Methods of a user's own: each configuration of one is a generator, named by its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ck4gen.experiments.configurations import labels
from ck4gen.experiments.missing import packaged_names


def name_methods(reports: Iterable[dict]) -> dict[str, list[str]]:
    """Give the reports of methods that are not in ``conf`` their label as their method.

    The label has the keys in which runs of the method differ, as ``mine shrinkage=0.3``.

    Args:
        reports: Reports of runs; those of own methods are changed in place.

    Returns:
        Labels by name of the method, those of more runs first.
    """
    packaged = packaged_names("method")
    unpackaged = [report for report in reports if report["method"] not in packaged]
    told = labels([report["config"]["method"] for report in unpackaged])
    counts = Counter((r["method"], label) for r, label in zip(unpackaged, told, strict=True))
    names: dict[str, list[str]] = {}
    for name, label in sorted(counts, key=lambda pair: (-counts[pair], pair)):
        names.setdefault(name, []).append(label)
    for report, label in zip(unpackaged, told, strict=True):
        report["method"] = label
    return names
