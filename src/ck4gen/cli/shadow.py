"""``ck4gen shadow``: who was in, by an attacker who learns from tables of halves of the cohort."""

from __future__ import annotations

import json
from pathlib import Path

from omegaconf import DictConfig
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from ck4gen.cli.count_bar import count_bar, how_long
from ck4gen.experiments.expected import expected_table
from ck4gen.experiments.shadow import RESULT, check
from ck4gen.experiments.shadow import shadow as audit
from ck4gen.experiments.workers import process_count

MEANING = (
    "AUC: of a table with the target and one without, how often the right one is picked (0.5: by "
    "chance), mean over targets and the largest. %: share of tables with the target that is told "
    "at so many false alarms. epsilon: what is shown at least. Intervals stand in the result."
)


def shadow(config: DictConfig) -> None:
    """Make the tables that are missing, attack them and print the result."""
    check(config)
    table, processes = expected_table(config), process_count(config.workers)

    def header(tables: int) -> str:
        return (
            f"{config.data.name}, {config.method.name}, seed={config.seed}, shadow: {tables} "
            f"tables of halves of the cohort, {processes} at once: "
            f"{how_long(table, tables / processes)}"
        )

    with count_bar("tables", 2 * config.divisions, header, table.total / processes) as progress:
        folder = audit(config, progress)
    print_shadow(folder / RESULT)


def print_shadow(file: Path) -> None:
    """Print the result of a shadow audit to the terminal."""
    result = json.loads(file.read_text())
    shown = Table(
        title=f"Who was in? {result['dataset']}, {result['method']}, {result['tables']} tables of "
        f"halves of the cohort, {len(result['targets'])} targets",
        title_justify="left",
        box=SIMPLE,
    )
    shares = result["config"]["false_positives"]
    for column in ("targets", "reads", "AUC", "largest", *(f"{s:.1%}" for s in shares), "epsilon"):
        shown.add_column(column)
    metrics = result["metrics"]
    single = ("auc_max", *(f"tpr_at_{share:g}" for share in shares), "epsilon")
    for prefix in dict.fromkeys(name.rpartition("/")[0] for name in metrics):
        _, group, attack = prefix.split("/")
        mean = "{value:.2f} ({low:.2f}-{high:.2f})".format(**metrics[f"{prefix}/auc"])
        cells = [_text(metrics[f"{prefix}/{name}"]) for name in single]
        shown.add_row(group, attack.replace("_", " "), mean, *cells)
    console = Console()
    console.print(shown)
    console.print(MEANING, soft_wrap=True, highlight=False)
    for reason in dict.fromkeys(m["reason"] for m in metrics.values() if m["reason"]):
        console.print(f"note: {reason}", soft_wrap=True, highlight=False)
    console.print(f"result: {file}", soft_wrap=True, highlight=False)


def _text(metric: dict) -> str:
    return "-" if metric["value"] is None else f"{metric['value']:.2f}"
