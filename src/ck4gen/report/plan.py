"""All tables and figures, numbered on the paper's plan: 28 tables, 25 figures, and what is beyond.

The paper's supplement cannot be had, so the order within a dataset is our choice; datasets come
in the paper's order.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
from rich.console import Console
from rich.progress import track

from ck4gen.config import CONF
from ck4gen.report import figures, tables
from ck4gen.report.items import Figure, Table
from ck4gen.report.page import write_page
from ck4gen.report.results import MissingRuns, Results
from ck4gen.report.style import house_style
from ck4gen.report.writing import write_figure, write_table
from ck4gen.settings import InputError, choose, whole_number

PAPER = ("gbsg2", "actg320", "whas500", "flchain")  # the paper's datasets, in its order
Make = Callable[..., Table | Figure]
BY_DATASET = {  # in this order for each dataset
    "table": (
        tables.descriptive, tables.hazard_ratios, tables.realism, tables.tstr,
        tables.discrimination, tables.calibration, tables.privacy,
    ),
    "figure": (
        figures.distributions, figures.correlations, figures.kaplan_meier, figures.hazard_ratios,
        figures.methods, figures.calibration,
    ),
}  # fmt: skip
BEYOND: dict[str, Make] = {
    "summary": tables.summary,
    "ablations": tables.ablations,
    "frontier": figures.frontier,
    "cost": figures.cost,
}


@dataclass(frozen=True)
class Planned:
    """What makes an exhibit, and the dataset that it is of; None for one of all."""

    make: Make
    dataset: str | None = None

    def __call__(self, results: Results) -> Table | Figure:
        """The exhibit."""
        return self.make(results) if self.dataset is None else self.make(results, self.dataset)


@dataclass(frozen=True)
class ReportSettings:
    """The keys of ``conf/report.yaml``; each is described there."""

    output_dir: str
    only: str | None
    generator: str
    methods: list[str] | None
    augmented: list[str] | None
    training: str
    dpi: int

    def __post_init__(self) -> None:
        known = tuple(sorted(file.stem for file in (CONF / "method").glob("*.yaml")))
        for key in ("methods", "augmented"):
            for method in getattr(self, key) or ():
                choose(key, method, known)
        choose("generator", self.generator, known)
        trainers = tuple(sorted(file.stem for file in (CONF / "trainer").glob("*.yaml")))
        choose("training", self.training, trainers)
        whole_number("dpi", self.dpi, 50)


def plan(datasets: Iterable[str] = ()) -> dict[str, Planned]:
    """The tables and figures by name, in the order of the report.

    Args:
        datasets: Datasets of which there are runs; those beyond the paper's come last, by name.
    """
    found = {"figure_01": Planned(figures.pipeline)}
    for kind, makers in BY_DATASET.items():
        first = 2 if kind == "figure" else 1
        for number, (dataset, make) in enumerate(
            ((dataset, make) for dataset in PAPER for make in makers), first
        ):
            found[f"{kind}_{number:02d}"] = Planned(make, dataset)
    beyond = [dataset for dataset in datasets if dataset not in PAPER]
    for dataset, (kind, makers) in product(beyond, BY_DATASET.items()):
        for make in makers:
            found[f"{kind}_{dataset}_{make.__name__}"] = Planned(make, dataset)
    return found | {name: Planned(make) for name, make in BEYOND.items()}


def write_report(settings: ReportSettings) -> tuple[Path, Results, list[str]]:
    """Make all exhibits whose runs are there, or the one that was asked for.

    Returns:
        The report's folder, the results with what was missing, and the names of what was left out.

    Raises:
        InputError: There is no run at all.
    """
    results = Results(
        Path(settings.output_dir).expanduser().absolute(),
        generator=settings.generator,
        methods=settings.methods,
        augmented=settings.augmented,
        training=settings.training,
    )
    folder = results.output_dir / "report"
    items = plan(results.datasets)
    if settings.only is not None:
        choose("only", settings.only, tuple(items))
    selected = {name: item for name, item in items.items() if settings.only in (None, name)}
    if settings.only is None:
        shutil.rmtree(folder, ignore_errors=True)  # nothing of an earlier report stays
    made = {dataset: {} for dataset in (None, *dict.fromkeys((*PAPER, *results.datasets)))}
    left_out = []
    with house_style():
        bar = Console(stderr=True)
        shown = track(selected.items(), "report", console=bar, disable=not bar.is_terminal)
        for name, planned in shown:
            try:
                exhibit = planned(results)
            except MissingRuns:
                left_out.append(name)
                continue
            if isinstance(exhibit, Table):
                write_table(exhibit, folder / "tables" / name)
            else:
                write_figure(exhibit, folder / "figures" / name, settings.dpi)
                plt.close(exhibit.drawing)
            made[planned.dataset][name] = exhibit
    if settings.only is None:
        write_page(folder, made, results, left_out)
    elif left_out:
        raise InputError(
            f"{settings.only} has no run behind it; these make them: "
            + "; ".join(results.commands())
        )
    return folder, results, left_out
