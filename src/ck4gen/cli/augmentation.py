"""``ck4gen augment``, and what it prints."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from omegaconf import DictConfig
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ck4gen.cli.count_bar import count_bar, how_long
from ck4gen.cli.train import one_or_job
from ck4gen.experiments.augment import check, make_comparison
from ck4gen.experiments.expected import expected_as
from ck4gen.experiments.make_run import Run
from ck4gen.experiments.store import COMPARISON

SCORES = {  # of the whole cohort, in this order
    "c_index": "Harrell's C",
    "slope": "calibration slope (Cox refit)",
    **{f"slope_{p}": f"observed on predicted risk, {p} % of time" for p in (25, 50, 75)},
    **{f"d21_{p}": f"|1 - that slope|, {p} % of time" for p in (25, 50, 75)},
}


def augment(config: DictConfig) -> None:
    """Make the comparison of a configuration, or find it, and print it."""
    one_or_job(config, make_with_bar, print_augmentation)


def make_with_bar(config: DictConfig, in_sweep: bool = False) -> Run:
    """Make a comparison under a bar of its own; the jobs of a sweep share one of the sweep's."""
    if in_sweep:
        return make_comparison(config, in_sweep=True)
    check(config)
    halves = 2 * config.augmentation.repeats
    name = f"augmentation/{config.data.name}/{config.method.name}/{config.protocol}"
    root = Path(config.output_dir).expanduser().absolute() / name
    whole = expected_as(root, config, ("data", "trainer", "method", "augmentation"), "seconds")

    def header(_: int) -> str:
        return (
            f"{config.data.name}, {config.method.name}, protocol={config.protocol}, "
            f"seed={config.seed}, augment: {halves} halves of the cohort, "
            f"{config.augmentation.replicates} synthetic tables each: {how_long(whole, 1)}"
        )

    with count_bar("halves", halves, header, whole.total / halves) as progress:
        return make_comparison(config, progress=progress)


def print_augmentation(folder: Path, report: dict, reused: bool) -> None:
    """Print a finished comparison to the terminal."""
    console = Console()
    title = (
        f"{report['dataset']}, {report['method']}, protocol={report['split']}, "
        f"seed={report['seed']}"
    )
    if reused:
        console.print(f"[bold]{title}[/bold]: finished before; force=true repeats it")
    for note in report["warnings"]:
        console.print(f"[yellow]warning:[/yellow] {note}")
    table = pd.read_csv(folder / COMPARISON)
    whole = table[table["place"] == "overall"].set_index("score").loc[list(SCORES)].reset_index()
    console.print(comparison(whole.assign(label=list(SCORES.values())), title))
    curve = table[table["place"].str.startswith("ratio/")]
    labels = curve["place"].str.removeprefix("ratio/") + " x, " + curve["score"].map(SCORES)
    console.print(comparison(curve.assign(label=labels), "Synthetic rows for each real one"))
    rest = table[(table["score"] == "c_index") & ~table.index.isin([*curve.index])]
    groups = rest[rest["place"] != "overall"]
    labels = groups["place"] + " (" + groups["rows"].astype(str) + ")"
    console.print(comparison(groups.assign(label=labels), "Harrell's C by subgroup (rows)"))
    console.print(f"all scores: {folder / COMPARISON}", soft_wrap=True, highlight=False)


def comparison(table: pd.DataFrame, title: str) -> Table:
    """Real only, augmented, and the difference with its interval, one row a ``label``."""
    shown = Table(title=title, title_justify="left")
    shown.add_column("")
    for column in ("real only (SD)", "augmented (SD)", "difference (95% CI)"):
        shown.add_column(column, justify="right")
    for row in table.to_dict("records"):
        gap = _number(row["difference"], "+.3f")
        if pd.notna(row["low"]):
            gap += f" ({row['low']:+.3f} to {row['high']:+.3f})"
        arms = [
            _number(row[arm], ".3f") + ("" if pd.isna(sd := row[f"{arm}_sd"]) else f" ({sd:.3f})")
            for arm in ("real", "augmented")
        ]
        shown.add_row(escape(row["label"]), *arms, gap)
    return shown


def _number(value: float, form: str) -> str:
    return "-" if pd.isna(value) else f"{round(value, 3) + 0.0:{form}}"  # no minus before zero
