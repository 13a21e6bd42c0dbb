"""``ck4gen canary``: fits with and without some patients."""

from __future__ import annotations

import json
from pathlib import Path

from omegaconf import DictConfig
from rich.console import Console
from rich.table import Table

from ck4gen.cli.count_bar import count_bar, how_long
from ck4gen.evaluation.privacy.canary import SCORES
from ck4gen.experiments.canary import RESULT, check
from ck4gen.experiments.canary import canary as audit
from ck4gen.experiments.canary_pair import HOLDER, TABLE
from ck4gen.experiments.expected import expected_table

READERS = {TABLE: "has one table", HOLDER: "has the sampler"}


def canary(config: DictConfig) -> None:
    """Make the pairs that are missing and print the result."""
    check(config)
    table = expected_table(config)
    fits = config.patients + 1  # of a pair: one with all patients

    def header(pairs: int) -> str:
        tables, without = pairs * fits, whom(config.removed)
        return (
            f"{config.data.name}, {config.method.name}, seed={config.seed}, canary: {pairs} pairs, "
            f"{tables} tables with and without {without}: {how_long(table, tables)}"
        )

    with count_bar("pairs", config.pairs, header, fits * table.total) as progress:
        folder = audit(config, progress)
    print_canary(folder / RESULT)


def print_canary(file: Path) -> None:
    """Print the result of a canary audit to the terminal."""
    result = json.loads(file.read_text())
    several = len(result["canaries"]) > 1
    removed = result["removed"]
    question = "Is the canary in the table?" if removed == 1 else f"Were these {removed} taken out?"
    of = f"{len(result['canaries'])} times {whom(removed)}, {result['kind']}, " if several else ""
    shown = Table(
        title=f"{question} {result['dataset']}, {result['method']}, {of}{result['pairs']} pairs",
        title_justify="left",
    )
    value = "mean AUC and largest" if several else "AUC"
    shown.add_column("the attacker looks for")
    for reader in readers(result):
        shown.add_column(f"{READERS[reader]}: {value} (0.5: cannot tell)")
    for name, meaning in SCORES.items():
        cells = [
            area_text(result["metrics"], f"canary/{reader}{name}") for reader in readers(result)
        ]
        if any(cells):
            shown.add_row(meaning, *cells)
    console = Console()
    console.print(shown)
    if removed > 1:
        console.print(recovered_text(result["metrics"], removed))
    console.print(f"result: {file}", soft_wrap=True, highlight=False)


def whom(removed: int) -> str:
    """Who is taken out at once, in words."""
    return "a patient" if removed == 1 else f"{removed} patients"


def readers(result: dict) -> list[str]:
    """Who was audited: prefixes of scores."""
    return [TABLE] if result["draws"] is None else [TABLE, HOLDER]


def area_text(metrics: dict, name: str) -> str:
    """An area with its interval, or the mean and the largest of several; empty without one."""
    if name not in metrics:
        return ""
    if f"{name}/max" in metrics:
        return f"{metrics[name]['value']:.2f}, {metrics[f'{name}/max']['value']:.2f}"
    return "{value:.2f} ({low:.2f}-{high:.2f})".format(**metrics[name])


def recovered_text(metrics: dict, removed: int) -> str:
    """How well the mean covariates of those taken out are recovered."""
    names = {"table": "two tables", "sampler": "two samplers", "guessed": "the mean of all"}
    errors = [
        f"{metrics[f'canary/recovered/{key}']['value']:.2f} by {name}"
        for key, name in names.items()
        if f"canary/recovered/{key}" in metrics
    ]
    return f"error of the mean covariates of the {removed}, in SDs: {', '.join(errors)}"
