"""``ck4gen canary``: fits with and without one extreme patient."""

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
from ck4gen.experiments.expected import expected_table


def canary(config: DictConfig) -> None:
    """Make the pairs that are missing and print the result."""
    check(config)
    table = expected_table(config)
    fits = 2 * config.patients  # of a pair

    def header(pairs: int) -> str:
        return (
            f"{config.data.name}, {config.method.name}, seed={config.seed}, canary: {pairs} pairs, "
            f"{pairs * fits} tables with and without a patient: {how_long(table, pairs * fits)}"
        )

    with count_bar("pairs", config.pairs, header, fits * table.total) as progress:
        folder = audit(config, progress)
    print_canary(folder / RESULT)


def print_canary(file: Path) -> None:
    """Print the result of a canary audit to the terminal."""
    result = json.loads(file.read_text())
    several = len(result["canaries"]) > 1
    whom = f"{len(result['canaries'])} patients, {result['kind']}, " if several else ""
    shown = Table(
        title=f"Is the canary in the table? {result['dataset']}, {result['method']}, {whom}"
        f"{result['pairs']} pairs",
        title_justify="left",
    )
    of = "mean AUC and largest" if several else "AUC"
    for column in ("the attacker looks for", f"{of} (0.5: cannot tell)"):
        shown.add_column(column)
    for name, meaning in SCORES.items():
        metric = result["metrics"][f"canary/{name}"]
        text = "{value:.2f}" if several else "{value:.2f} ({low:.2f}-{high:.2f})"
        if several:
            text += f", {result['metrics'][f'canary/{name}/max']['value']:.2f}"
        shown.add_row(meaning, text.format(**metric))
    console = Console()
    console.print(shown)
    console.print(f"result: {file}", soft_wrap=True, highlight=False)
