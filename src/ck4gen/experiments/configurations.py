"""What tells the configurations of runs apart, in the words of a command line."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from inspect import Parameter, signature

from ck4gen.config import choices, defaults, without
from ck4gen.experiments.store import by_value
from ck4gen.settings import InputError, import_named

TARGET = "_target_"
MOST_KEYS = 5  # of a label; further ones are counted
OF_SPLIT = {"audit": ["holdout"], "crossfit": ["folds"]}  # keys that count under one split alone


def row_labels(reports: Sequence[dict]) -> tuple[list[str], list[str]]:
    """Dataset and method of each run, with the settings in which its namesakes differ.

    Runs with the same labels and split differ in their seed alone; two of one seed are the same.

    Args:
        reports: Reports of runs.
    """
    datasets = _with_content(reports, labels([report["config"]["data"] for report in reports]))
    methods = labels([report["config"]["method"] for report in reports])
    roots = labels(
        [root_keys(report) for report in reports], [report["split"] for report in reports]
    )
    methods = [f"{method} {root}".strip() for method, root in zip(methods, roots, strict=True)]
    return datasets, _one_a_seed(reports, datasets, methods)


def labels(nodes: Sequence[Mapping], groups: Sequence[Hashable] | None = None) -> list[str]:
    """The name of each node, with the keys in which its namesakes differ.

    A key that a class of the user's own was not given has the default of its constructor.

    Args:
        nodes: Nodes of configurations.
        groups: Group of each node; those of one group are compared. None: all of one name are.

    Returns:
        One label a node, as ``ck4gen encoder.components=5``.
    """
    flat = [dict(flat_keys(by_value(_completed(without(node, "display"))))) for node in nodes]
    groups = groups or [node.get("name") for node in flat]
    different: dict[Hashable, dict[str, dict]] = defaultdict(dict)
    for node, group in zip(flat, groups, strict=True):
        different[group][json.dumps(node, default=str)] = node
    named = {
        (group, text): _label(node, list(namesakes.values()))
        for group, namesakes in different.items()
        for text, node in namesakes.items()
    }
    return [named[g, json.dumps(n, default=str)] for n, g in zip(flat, groups, strict=True)]


def _label(node: dict, namesakes: list[dict]) -> str:
    """A label in which keys are compared within one class: another one has other keys."""
    alike = [other for other in namesakes if other.get(TARGET) == node.get(TARGET)]
    keys = [key for key in node if len({text_of(other.get(key)) for other in alike}) > 1]
    if len(alike) < len(namesakes):
        keys.insert(0, TARGET)
    settings = [f"{key}={text_of(node.get(key))}" for key in keys]
    if len(settings) > MOST_KEYS:
        rest = hashlib.sha256(" ".join(settings).encode()).hexdigest()[:6]
        left_out = f"and {len(settings) - MOST_KEYS} more ({rest})"  # no two of them are alike
        settings = [*settings[:MOST_KEYS], left_out]
    return " ".join([*([str(node["name"])] if "name" in node else []), *settings])


def text_of(value: object) -> str:
    """A value in a label."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def flat_keys(node: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys of a node with their values."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from flat_keys(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _completed(node: dict) -> dict:
    """A node with the defaults of its class, where it is none of this package, which has files."""
    node = {key: _completed(v) if isinstance(v, dict) else v for key, v in node.items()}
    target = str(node.get(TARGET, "ck4gen."))
    return node if target.startswith("ck4gen.") else _constructor_defaults(target) | node


@cache
def _constructor_defaults(target: str) -> dict:
    try:
        parameters = signature(import_named(TARGET, target, "mymodule.Mine")).parameters.values()
    except (InputError, TypeError, ValueError):  # it cannot be imported here, long after its run
        return {}
    return {p.name: p.default for p in parameters if p.default is not Parameter.empty}


def root_keys(report: dict) -> dict:
    """What a run depends on beside dataset, method and seed; a trainer by its name, if it has one.

    Args:
        report: Its ``config`` and ``split``.
    """
    config = {"tables": 1} | report["config"]
    keys = ["n_samples", "tables", "augmentation", *OF_SPLIT.get(report["split"], ())]
    return {"trainer": _trainer(config["trainer"])} | {k: config[k] for k in keys if k in config}


def _trainer(node: dict) -> str | dict:
    """Name of a trainer's file; of another one the keys that are not those of the default."""
    packaged = _trainers()
    node = packaged["default"] | node
    names = [name for name, other in packaged.items() if node == other]
    if names:
        return names[0]
    return {key: value for key, value in node.items() if packaged["default"].get(key) != value}


@cache
def _trainers() -> dict[str, dict]:
    return {name: defaults(f"trainer={name}")["trainer"] for name in choices("trainer")}


def _with_content(reports: Sequence[dict], datasets: list[str]) -> list[str]:
    """Datasets; where a user's file had different contents, each with the hash of its own."""
    contents = [report.get("hashes", {}).get("data") for report in reports]
    different = defaultdict(set)
    for dataset, content in zip(datasets, contents, strict=True):
        different[dataset].add(content)
    return [
        f"{dataset} content={content or 'unknown'}" if len(different[dataset]) > 1 else dataset
        for dataset, content in zip(datasets, contents, strict=True)
    ]


def _one_a_seed(reports: Sequence[dict], datasets: list[str], methods: list[str]) -> list[str]:
    """Methods; where a row would have a seed twice, with what tells its runs apart."""
    rows = defaultdict(list)
    for number, (report, *row) in enumerate(zip(reports, datasets, methods, strict=True)):
        rows[(*row, report["split"])].append(number)
    told = list(methods)
    for numbers in rows.values():
        seeds = [reports[number]["seed"] for number in numbers]
        unknown = any(_lacks_content(reports[number]) for number in numbers)
        for key in ("split_seed", "id") if unknown else ("split_seed",):
            values = [(reports[n]["config"] | reports[n]).get(key) for n in numbers]
            if len(set(zip(seeds, values, strict=True))) > len(set(seeds)):
                for number, value in zip(numbers, values, strict=True):
                    told[number] = f"{methods[number]} {key}={value}"
                break
    return told


def _lacks_content(report: dict) -> bool:
    """Whether an earlier version made the run of a user's file, of whatever content."""
    return "path" in report["config"]["data"] and not report.get("hashes", {}).get("data")
