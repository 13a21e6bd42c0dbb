"""``ck4gen forest``: the hazard ratios of a finished run as a picture."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import yaml

from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments.store import HAZARD_RATIOS, SCHEMA, SYNTHETIC, coded, read_report
from ck4gen.settings import InputError, choose, require
from ck4gen.written_file import check_file, replaced

DPI = 300  # of a picture; a PDF or SVG is a vector drawing


def forest(arguments: Sequence[str]) -> None:
    """Draw the hazard ratios of a run, and beside them what attackers learn if audits are named.

    Raises:
        InputError: A folder holds no finished run, a run named by ``--audits`` held nobody out,
            the picture cannot be written, or matplotlib is not installed.
    """
    args = parser().parse_args(arguments)
    suffix = args.file.suffix.lower().removeprefix(".")
    report = _report(args.run)
    audits = {folder: _report(folder) for folder in args.audits}
    if open_runs := [str(folder) for folder, run in audits.items() if run["split"] != "audit"]:
        raise InputError(
            f"no patients were held out in {', '.join(open_runs)}; name runs of ck4gen audit"
        )
    require("matplotlib", "report", "ck4gen forest")
    check_file(str(args.file), args.file)
    from matplotlib.backend_bases import FigureCanvasBase

    choose("the suffix of the picture", suffix, tuple(FigureCanvasBase.get_supported_filetypes()))
    from ck4gen.report.figures import hazard_ratios, overview, steps
    from ck4gen.report.stored_run import StoredRun
    from ck4gen.report.style import house_style, name_of

    table = read_hazard_table(args.run / HAZARD_RATIOS)
    method = report["method"]
    by_term = steps.steps(pd.read_csv(coded(args.run, SYNTHETIC)), table["term"])
    with house_style():
        if audits:
            runs = [StoredRun(folder, content) for folder, content in audits.items()]
            drawing = overview.overview(table, _meanings(args.run, by_term), method, runs, by_term)
        else:
            drawing = hazard_ratios.forest(table, report["dataset"], name_of(method), by_term)
        with replaced(args.file) as file:
            drawing.savefig(file, dpi=DPI, format=suffix)


def parser() -> argparse.ArgumentParser:
    """What ``ck4gen forest`` takes."""
    made = argparse.ArgumentParser("ck4gen forest")
    made.add_argument("run", type=Path, help="folder of a finished run")
    made.add_argument("file", type=Path, help="picture to write; its suffix decides the format")
    made.add_argument(
        "--audits", type=Path, nargs="+", default=[], metavar="RUN",
        help="folders of audit runs: a second panel shows what attackers learn from each",
    )  # fmt: skip
    return made


def _report(folder: Path) -> dict:
    report = read_report(folder)
    if report is None:
        raise InputError(f"{folder} is no finished run: it holds no report.json")
    return report


def _meanings(run: Path, by_term: Mapping[str, float]) -> dict[str, str]:
    """What each covariate measures and its hazard ratio is per, from the codebook of a run."""
    from ck4gen.report.figures.labels import meaning_label

    columns = yaml.safe_load(coded(run, SCHEMA).read_text(encoding="utf-8"))["columns"]
    return {
        # a note in brackets, as of what 0 stands for, is left out
        name: meaning_label(
            column["meaning"].split(" (")[0], column.get("unit", ""), by_term.get(name)
        )
        for name, column in columns.items()
        if column.get("meaning")
    }
