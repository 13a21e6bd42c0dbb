"""The report as one web page that opens from disk without a network."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib.metadata import version
from math import isnan
from pathlib import Path

from ck4gen.experiments.display import about
from ck4gen.experiments.missing import few
from ck4gen.pages import page_environment
from ck4gen.report.items import Figure, Interval, Number, Table
from ck4gen.report.narrative import narrative
from ck4gen.report.plan import number_of
from ck4gen.report.results import Results
from ck4gen.report.style import name_of, title_of
from ck4gen.report.writing import is_best

PAGE = "index.html"
OVERVIEW = "Overview"
SCREEN = 160  # pixels of the page for an inch of a figure
Sections = Mapping[str | None, Mapping[str, Table | Figure]]  # None: of no dataset alone


def write_page(
    folder: Path, made: Sections, results: Results, left_out: list[str], words: str
) -> None:
    """Write ``index.html``: findings, then tables and figures by dataset, then what is missing.

    Args:
        folder: The report's folder, which holds the pictures.
        made: Items by name and dataset, in the report's order.
        results: The runs behind them.
        left_out: Names of items that have no run.
        words: What ``ck4gen report`` needs beside the name of an item to draw it again.
    """
    environment = page_environment("ck4gen.report")
    environment.filters["sort_key"] = sort_key
    environment.tests["best"] = is_best
    sections = {
        OVERVIEW if dataset is None else title_of(dataset): [
            _view(*item, folder, words) for item in items.items()
        ]
        for dataset, items in made.items()
        if items
    }
    text = environment.get_template("page.html.j2").render(
        findings=narrative(results),
        sections=sections,
        commits=list(dict.fromkeys(commit[:12] for commit in results.commits)),
        runs=len(results.packaged_runs),
        version=version("ck4gen"),
        missing=few(results.commands()),
        left_out=left_out,
        smoke=results.training == "smoke",
        cohorts={title_of(name): _cohort(name, results) for name in results.datasets},
        generators={name_of(name): _generator(name) for name in results.methods},
        docs=_docs(folder),
        variants=len(results.variants),
        versions=results.versions,
    )
    (folder / PAGE).write_text(text, encoding="utf-8")


def _cohort(name: str, results: Results) -> str:
    source = results.source(name)
    return about("data", name) or "a table of your own" + (f": {source}" if source else "")


def _generator(name: str) -> str:
    return about("method", name) or "a method of your own"


def _docs(folder: Path) -> str:
    """Path of the handbook from the report, where both lie in one checkout; else empty."""
    for above, parent in enumerate(folder.parents, 1):
        if (parent / "docs" / "metrics.md").is_file() and (parent / "mkdocs.yml").is_file():
            return "../" * above + "docs/"
    return ""


def _view(name: str, item: Table | Figure, folder: Path, words: str) -> dict:
    """What the template needs of one item."""
    view = {
        "name": name,
        "anchor": name.replace("/", "-"),
        "label": number_of(name),
        "title": item.title,
        "caption": item.caption,
        "commands": [*item.commands, f"ck4gen report only={name} {words}".rstrip()],
        "table": item.frame if isinstance(item, Table) else None,
        "picture": None,
        "width": 0,
    }
    if isinstance(item, Figure):
        picture = (folder / f"{name}.png").read_bytes()
        view["picture"] = base64.b64encode(picture).decode()
        view["width"] = round(item.drawing.get_figwidth() * SCREEN)
    return view


def sort_key(cell: object) -> float | str:
    """What a column is sorted by: the number of a cell, else its text; empty ones come last."""
    if isinstance(cell, Number | Interval):
        return "" if isnan(cell.value) else float(cell.value)
    text = str(cell)
    try:
        return float(text.split()[0])
    except (ValueError, IndexError):
        return "" if text == "-" else text
