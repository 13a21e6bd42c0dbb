"""``ck4gen pool``: one Cox analysis of several synthetic tables, with honest intervals."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ck4gen.cli.names import names
from ck4gen.cli.printed_notes import printed_notes
from ck4gen.data.reading import read_table_files
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.markdown import markdown
from ck4gen.pooled import CONFIDENCE, pool
from ck4gen.written_file import check_file, replaced


def pool_tables(arguments: Sequence[str]) -> None:
    """Print hazard ratios pooled over the tables, and write them where ``--out`` says.

    Raises:
        InputError: A file can't be read, or the tables don't fit each other.
    """
    parser = argparse.ArgumentParser("ck4gen pool")
    parser.add_argument("tables", nargs="+", help="synthetic tables of one cohort, at least two")
    parser.add_argument("--duration", default=DURATION, help="name of the duration column")
    parser.add_argument("--event", default=EVENT, help="name of the event column")
    parser.add_argument("--entry", help="name of the column of entry times, where entry is late")
    parser.add_argument("--strata", type=names, default=[], help="columns to stratify by")
    parser.add_argument("--confidence", type=float, default=CONFIDENCE, help="level of intervals")
    parser.add_argument("--out", type=Path, help="CSV file to write the estimates to")
    args = parser.parse_args(arguments)
    if args.out:
        check_file(f"--out {args.out}", args.out)
    tables = read_table_files(args.tables)
    with printed_notes():
        pooled = pool(
            tables,
            duration=args.duration,
            event=args.event,
            confidence=args.confidence,
            entry=args.entry,
            strata=args.strata,
        )
    shown = pd.DataFrame(
        {
            "hazard ratio": np.exp(pooled["estimate"]),
            "low": np.exp(pooled["low"]),
            "high": np.exp(pooled["high"]),
            "p": pooled["p_value"],
        }
    )
    print(f"{len(tables)} tables, {100 * args.confidence:g}% intervals\n")
    print(markdown(shown.round(3).reset_index()))
    if args.out:
        with replaced(args.out) as file:
            pooled.to_csv(file)
        print(f"\nlog hazard ratios: {args.out}")
