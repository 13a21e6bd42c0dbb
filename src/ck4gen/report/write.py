"""The whole report, or one item of it, as files."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
from rich.console import Console
from rich.progress import track

from ck4gen.config import choices, defaults
from ck4gen.constraints import AtLeast, check_fields
from ck4gen.experiments.command_words import output_words, value_text
from ck4gen.experiments.display import in_order, of_dataset
from ck4gen.report.items import Figure, Table
from ck4gen.report.page import write_page
from ck4gen.report.plan import Planned, paper_numbers, plan, select
from ck4gen.report.results import MissingRuns, Results
from ck4gen.report.style import house_style
from ck4gen.report.writing import with_values, write_figure, write_table
from ck4gen.settings import InputError, choose


@dataclass(frozen=True)
class ReportSettings:
    """The keys of ``conf/report.yaml``; each is described there."""

    output_dir: str
    only: str | list[str] | None
    extra: list[str]
    generator: str
    methods: list[str] | None
    augmented: list[str] | None
    training: str
    dpi: Annotated[int, AtLeast(50)]

    def __post_init__(self) -> None:
        choose("training", self.training, tuple(choices("trainer")))
        check_fields("", self)

    @property
    def words(self) -> str:
        """What a command line needs beside the name of an item to draw it again."""
        packed = defaults(script="report")
        keys = {key: value for key, value in vars(self).items() if value != packed[key]}
        root = Path(keys.pop("output_dir", self.output_dir)).expanduser().absolute()
        keys.pop("only", None)
        given = [shlex.quote(f"{key}={value_text(value)}") for key, value in keys.items()]
        return " ".join([*given, *output_words(root)])


@dataclass(frozen=True)
class Report:
    """A written report.

    Attributes:
        folder: Where it lies.
        results: The runs behind it, and what was missing.
        left_out: Names of items that have no run behind them.
    """

    folder: Path
    results: Results
    left_out: list[str]


def write_report(settings: ReportSettings) -> Report:
    """Make all items whose runs are there, or those that were asked for.

    Raises:
        InputError: There is no run at all, or none behind an item that was asked for.
    """
    results = Results(
        Path(settings.output_dir).expanduser().absolute(),
        generator=settings.generator,
        methods=settings.methods,
        augmented=settings.augmented,
        training=settings.training,
    )
    _check_methods(settings, results)
    folder = results.output_dir / "report"
    planned = plan(datasets_of(results), settings.extra)
    if settings.only is not None:
        names = [settings.only] if isinstance(settings.only, str) else settings.only
        if not names:
            raise InputError("only is an empty list; name an item, or leave it out for all")
        chosen = [select(str(name), planned) for name in names]
        _, left_out = _made({one.name: one for one in chosen}, results, folder, settings.dpi)
        if left_out:
            has = "has no run behind it" if len(left_out) == 1 else "have no runs behind them"
            raise InputError(
                f"{', '.join(left_out)} {has}; these make them: {'; '.join(results.commands())}"
            )
        return Report(folder, results, [])
    shutil.rmtree(folder, ignore_errors=True)  # nothing of an earlier report stays
    made, left_out = _made(planned, results, folder, settings.dpi)
    sections: dict[str | None, dict[str, Table | Figure]] = {None: {}}
    for name, item in made.items():
        sections.setdefault(planned[name].dataset, {})[name] = item
    write_page(folder, sections, results, left_out, settings.words)
    return Report(folder, results, left_out)


def _check_methods(settings: ReportSettings, results: Results) -> None:
    """Raise an InputError for a method that is neither a configuration nor one with runs."""
    methods = tuple(sorted({*choices("method"), *results.known_methods}))
    for key in ("methods", "augmented"):
        for method in getattr(settings, key) or ():
            choose(key, method, methods)
    choose("generator", settings.generator, methods)


def datasets_of(results: Results) -> list[str]:
    """Datasets of the runs, and those of the paper beside any of them, as what is missing."""
    parts = [name.split("/") for name in paper_numbers().values()]
    paper = {dataset for _, *middle, _ in parts for dataset in middle}
    with_runs = set(results.datasets)
    return in_order(
        with_runs | paper if with_runs & paper or not with_runs else with_runs, of_dataset
    )


def _made(
    planned: dict[str, Planned], results: Results, folder: Path, dpi: int
) -> tuple[dict[str, Table | Figure], list[str]]:
    """Items as they are written, and the names of those that have no run."""
    made: dict[str, Table | Figure] = {}
    left_out: list[str] = []
    console = Console(stderr=True)
    bar = track(planned.items(), "report", console=console, disable=not console.is_terminal)
    with house_style():
        for name, one in bar:
            try:
                item = one.make(results)
            except MissingRuns:
                left_out.append(name)
                continue
            if isinstance(item, Table):
                item = with_values(item)
                write_table(item, folder / name)
            else:
                write_figure(item, folder / name, dpi)
                plt.close(item.drawing)
            made[name] = item
    return made, left_out
