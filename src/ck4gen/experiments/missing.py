"""Which runs a table lacks, as commands that make them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product

import pandas as pd

from ck4gen.config import choices

KEYS = ("dataset", "method", "split", "seed")
NAMED = ("own", "csv", "published")  # configurations that want more than their name
SHOWN = 10  # commands


def packaged_names(group: str) -> set[str]:
    """Datasets or methods that a command makes runs of by their name alone."""
    return set(choices(group)) - set(NAMED)


def runnable(dataset: str, method: str, split: str) -> bool:
    """Whether a command that names these three, and no more, makes a run."""
    named = dataset in packaged_names("data") and method in packaged_names("method")
    held_out = method != "fresh" or split == "audit"  # a release has no fresh patients
    return named and held_out


def missing_commands(
    table: pd.DataFrame, left_out: Collection[tuple] = (), more: Iterable[str] = ()
) -> list[str]:
    """Commands for the cells of dataset x method x split x seed that no run fills.

    Cells that no command of this version makes are left out: settings that are not packaged, and
    what the method cannot do.

    Args:
        table: One row a run, of :func:`ck4gen.experiments.summary.read_reports`.
        left_out: Cells that are not to be named.
        more: Further words of each command, as ``output_dir=...``.
    """
    covered = {*table[list(KEYS)].itertuples(index=False, name=None), *left_out}
    seeds: dict[tuple[str, str, str], list[str]] = {}
    for *cell, seed in product(*(table[key].unique() for key in KEYS)):
        if (*cell, seed) not in covered and runnable(*cell):
            seeds.setdefault((cell[0], cell[1], cell[2]), []).append(str(seed))
    methods: dict[tuple[str, str, str], list[str]] = {}  # those that lack the same
    for (dataset, method, split), numbers in seeds.items():
        methods.setdefault((dataset, split, ",".join(numbers)), []).append(method)
    return [
        " ".join(
            [
                f"ck4gen sweep data={dataset} method={','.join(names)} split={split}",
                f"seed={numbers}",
                *more,
            ]
        )
        for (dataset, split, numbers), names in methods.items()
    ]


def few(commands: Iterable[str]) -> list[str]:
    """The first of the commands, and how many there are beside."""
    every = list(commands)
    more = len(every) - SHOWN
    return every[:SHOWN] + ([f"{more} more, once these are there"] if more > 0 else [])
