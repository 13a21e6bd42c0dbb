"""What a run prints: hazard ratios, real and synthetic, headline metrics, where the files are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from ck4gen.evaluation.privacy.words import short
from ck4gen.evaluation.statuses import STATUSES, TOO_FEW
from ck4gen.evaluation.written_hazards import ratio_text, read_hazard_table, readable, row_name
from ck4gen.experiments.store import AUDIT, HAZARD_RATIOS, REPORT, SAMPLER, SCHEMA, SYNTHETIC

MOST_TERMS = 60  # hazard ratios on the terminal; a card has as many


def print_run(folder: Path, report: dict, reused: bool) -> None:
    """Print a finished run to the terminal."""
    console = Console()
    title = (
        f"{report['dataset']}, {report['method']}, split={report['split']}, seed={report['seed']}"
    )
    if reused:
        evaluation = f"evaluation={report['config']['evaluation']['name']}"
        console.print(f"[bold]{title}[/bold]: finished before, {evaluation}; force=true repeats it")
    for note in report["warnings"]:
        console.print(f"[yellow]warning:[/yellow] {note}")
    console.print(hazard_ratios(read_hazard_table(folder / HAZARD_RATIOS), title))
    console.print(headlines(report))
    if report["contains_real"]:
        console.print("[bold yellow]rows of this table are those of real patients[/bold yellow]")
    linked = report["metrics"]["privacy/self_link"]["value"]
    if linked is not None:
        console.print(
            f"[bold yellow]{linked:.0%} of the synthetic rows lead back to the real patient they "
            "were made from[/bold yellow]"
            + (", whose outcome they carry unchanged." if report["times_copied"] else ".")
        )
    console.print("files:", style="bold")
    for name in (SYNTHETIC, SCHEMA, SAMPLER, REPORT, AUDIT, "metrics.csv", "checkpoints"):
        if (folder / name).exists():
            console.print(f"  {folder / name}", soft_wrap=True, highlight=False)
    console.print(privacy(report["verdict"]))


def privacy(verdict: dict) -> str:
    """The privacy verdict: what failed, what is not ruled out, and what an attacker could learn."""
    colour = {"pass": "green", "fail": "red"}.get(verdict["overall"], "yellow")
    lines = [f"[bold {colour}]privacy verdict: {verdict['overall']}[/bold {colour}]"]
    for status in STATUSES[:0:-1]:
        hit = [
            short(name)
            for name, finding in verdict["findings"].items()
            if finding["status"] == status
        ]
        if hit:
            enough = verdict["patients"] if status == TOO_FEW else None
            would_do = f" (about {enough:,} would do)" if enough else ""
            lines.append(f"  {status}{would_do}: {'; '.join(hit)}")
    lines += [verdict["reason"]] if verdict["reason"] else []
    return "\n".join([*lines, verdict["summary"]])


def hazard_ratios(table: pd.DataFrame, title: str) -> Table:
    """Hazard ratios (95% CI) per unit of each covariate, real beside synthetic."""
    shown = Table(title=f"Hazard ratios (95% CI): {title}", title_justify="left")
    shown.add_column("covariate")
    for column in ("real", "synthetic", "inside the real CI"):
        shown.add_column(column, justify="right")
    if len(table) > MOST_TERMS:
        shown.caption = f"the first {MOST_TERMS} of {len(table)} terms; all: {HAZARD_RATIOS}"
    for row in map(readable, table.head(MOST_TERMS).to_dict("records")):
        inside = "yes" if row["in_ci"] else "[red]no[/red]"
        if pd.isna(row["synthetic"]):
            inside = "-"
        shown.add_row(
            row_name(row, row["term"]).replace("[", r"\["),
            ratio_text(row, "real"),
            ratio_text(row, "synthetic"),
            inside,
        )
    return shown


def headlines(report: dict) -> Table:
    """The metrics to look at first; a metric without a value shows its reason."""
    # the facts of a metric stand beside its code, and all of it is imported
    from ck4gen.experiments.summary import extra_metrics, facts

    shown = Table(title="Metrics", title_justify="left")
    for column in ("metric", "value", "meaning"):
        shown.add_column(column, justify="right" if column == "value" else "left")
    extra = extra_metrics([report])
    for name, metric in report["metrics"].items():
        info = facts(name, extra)
        if info is None or not info.headline:
            continue
        value = "-" if metric["value"] is None else f"{metric['value']:.3f}"
        trivial = info.needs_new_times and report["times_copied"]
        note = " (trivial: times are copied)" if trivial else ""
        note += by_chance(name, report["metrics"])
        reason = metric["reason"] if metric["value"] is None else None
        shown.add_row(name, value, reason or info.meaning + note)
    return shown


def by_chance(name: str, metrics: dict) -> str:
    """What chance gives beside exact copies: new patients, or else patients alike."""
    if name != "privacy/exact_copy":
        return ""
    for control in ("chance", "twins"):
        share = metrics.get(f"{name}_{control}", {}).get("value")
        if share is not None:
            return f"; {share:.3f} by chance"
    return ""
