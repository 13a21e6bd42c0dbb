"""``ck4gen reanalyse``: other analyses of a synthetic table, beside a bootstrap and a tree."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ck4gen.cli.names import names
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.experiments.store import assembled, check_new

if TYPE_CHECKING:
    import pandas as pd

DPI = 300  # of the picture
NAMES = {"label": "analysis", "cart": "CART"}  # headings that differ from the columns'


def reanalyse(arguments: Sequence[str]) -> None:
    """Print the error of every analysis, and write table and picture where ``--out`` says.

    Raises:
        InputError: A file can't be read, the tables don't fit each other, or the folder is there.
    """
    given = parser().parse_args(arguments)
    if given.out is not None:
        check_new(given.out)
    from ck4gen.api import reanalyse as answers
    from ck4gen.cli.printed_notes import printed_notes
    from ck4gen.data.reading import read_table_files
    from ck4gen.printed import print_frame

    real, *synthetic = read_table_files([given.real, *given.synthetic])
    with printed_notes():
        found = answers(
            real,
            synthetic,
            duration=given.duration,
            event=given.event,
            entry=given.entry,
            strata=given.strata,
        )
    print_frame(shown(found))
    print(
        "Errors in real standard errors; a bootstrap of the real patients gives about 1, a second "
        "cohort 1.4."
    )
    for row in found[found["reason"] != ""].to_dict("records"):
        print(f"note: {row['label']}: {row['reason']}")
    if given.out is not None:
        _write(found, given.out)


def parser() -> argparse.ArgumentParser:
    """What ``ck4gen reanalyse`` takes."""
    made = argparse.ArgumentParser("ck4gen reanalyse")
    made.add_argument("real", help="the real table")
    made.add_argument(
        "synthetic", nargs="+", help="one synthetic table of it, or several of one generator"
    )
    made.add_argument("--duration", default=DURATION, help="name of the duration column")
    made.add_argument("--event", default=EVENT, help="name of the event column")
    made.add_argument("--entry", metavar="COLUMN", help="time of a late entry")
    made.add_argument(
        "--strata", type=names, default=[], metavar="COLUMN[,COLUMN]", help="strata of Cox models"
    )
    made.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder to make, with a table and a picture"
    )
    return made


def shown(found: pd.DataFrame) -> pd.DataFrame:
    """The table as people read it: two decimals, ``-`` where there is no number."""
    columns = found[["label", "table", "bootstrap", "cart"]].rename(columns=NAMES)
    numbers = columns.columns[1:]
    columns[numbers] = columns[numbers].map(lambda value: f"{value:.2f}".replace("nan", "-"))
    return columns


def _write(found: pd.DataFrame, folder: Path) -> None:
    with assembled(folder) as scratch:
        found.to_csv(scratch / "reanalysis.csv", index=False)
        if find_spec("matplotlib") is not None:
            from ck4gen.report.figures.reanalysis import dots
            from ck4gen.report.style import house_style

            with house_style():
                dots({"": found}).savefig(scratch / "reanalysis.png", dpi=DPI)
        else:
            print('no picture: run pip install "ck4gen[report]" for one')
    print(f"table and picture: {folder}")
