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
    args = parser().parse_args(arguments)
    if args.out is not None:
        check_new(args.out)
    from ck4gen.api import reanalyse as answers
    from ck4gen.cli.printed_notes import printed_notes
    from ck4gen.data.reading import read_table_files
    from ck4gen.printed import print_frame

    real, *synthetic = read_table_files([args.real, *args.synthetic])
    with printed_notes():
        errors = answers(
            real,
            synthetic,
            duration=args.duration,
            event=args.event,
            entry=args.entry,
            strata=args.strata,
        )
    print_frame(shown(errors))
    print(
        "Errors in real standard errors; a bootstrap of the real patients gives about 1, a second "
        "cohort 1.4."
    )
    for row in errors[errors["reason"] != ""].to_dict("records"):
        print(f"note: {row['label']}: {row['reason']}")
    if args.out is not None:
        _write(errors, args.out)


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


def shown(errors: pd.DataFrame) -> pd.DataFrame:
    """The table as people read it: two decimals, ``-`` where there is no number."""
    columns = errors[["label", "table", "bootstrap", "cart"]].rename(columns=NAMES)
    numbers = columns.columns[1:]
    columns[numbers] = columns[numbers].map(lambda value: f"{value:.2f}".replace("nan", "-"))
    return columns


def _write(errors: pd.DataFrame, folder: Path) -> None:
    with assembled(folder) as scratch:
        errors.to_csv(scratch / "reanalysis.csv", index=False)
        if find_spec("matplotlib") is not None:
            from ck4gen.report.figures.reanalysis import dots
            from ck4gen.report.style import house_style

            with house_style():
                dots({"": errors}).savefig(scratch / "reanalysis.png", dpi=DPI)
        else:
            print('no picture: run pip install "ck4gen[report]" for one')
    print(f"table and picture: {folder}")
