"""``ck4gen forest``: the hazard ratios of a finished run as a picture."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments.store import HAZARD_RATIOS, read_report
from ck4gen.settings import InputError, require

DPI = 300  # of a picture; a PDF or SVG is a vector drawing


def forest(arguments: Sequence[str]) -> None:
    """Draw the hazard ratios of the run ``arguments[0]`` into the file ``arguments[1]``.

    Raises:
        InputError: The folder holds no finished run, or matplotlib is not installed.
    """
    parser = argparse.ArgumentParser("ck4gen forest")
    parser.add_argument("run", type=Path, help="folder of a finished run")
    parser.add_argument("file", type=Path, help="picture to write; its suffix decides the format")
    given = parser.parse_args(arguments)
    report = read_report(given.run)
    if report is None:
        raise InputError(f"{given.run} is no finished run: it holds no report.json")
    require("matplotlib", "report", "ck4gen forest")
    from ck4gen.report.figures.hazard_ratios import forest as drawn
    from ck4gen.report.style import house_style, name_of

    table = read_hazard_table(given.run / HAZARD_RATIOS)
    with house_style():
        drawing = drawn(table, report["dataset"], name_of(report["method"]))
        drawing.savefig(given.file, dpi=DPI)
