"""Draw the hazard ratios of a finished run: python scripts/forest.py RUN_FOLDER FILE.png."""

import argparse
from pathlib import Path

import pandas as pd

from ck4gen.experiments.store import HAZARD_RATIOS, read_report
from ck4gen.report.figures.hazard_ratios import forest
from ck4gen.report.style import house_style, name_of

DPI = 300  # of a picture; a PDF or SVG is a vector drawing

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a finished run")
    parser.add_argument("file", type=Path, help="picture to write; its suffix decides the format")
    arguments = parser.parse_args()
    report = read_report(arguments.run)
    if report is None:
        parser.error(f"{arguments.run} is no finished run: it holds no report.json")
    table = pd.read_csv(arguments.run / HAZARD_RATIOS)
    with house_style():
        drawing = forest(table, report["dataset"], name_of(report["method"]))
        drawing.savefig(arguments.file, dpi=DPI)
