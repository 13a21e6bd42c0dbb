"""``ck4gen audit real.csv synthetic.csv [holdout.csv]``: tables that were made anywhere."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ck4gen.cli.names import names
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.table_pair import HOLDOUT
from ck4gen.experiments import store
from ck4gen.experiments.read_pair import read_pair, synthetic_roles
from ck4gen.settings import InputError

FOLDER = "_audit"  # added to the synthetic file's name where no folder is given
ROLES = ("real", "synthetic", "holdout")
OPTIONS: dict[str, dict[str, Any]] = {
    "files": {
        "nargs": "+",
        "metavar": "FILE",
        "help": "the real table, the synthetic one, and real patients that it was made without",
    },
    "--further": {
        "nargs": "+",
        "default": [],
        "metavar": "FILE",
        "help": "synthetic tables that leave together with the first: all are attacked as one",
    },
    "--duration": {"default": DURATION, "metavar": "COLUMN", "help": "time to event or censoring"},
    "--event": {"default": EVENT, "metavar": "COLUMN", "help": "1 and 0, dead and alive, ..."},
    "--entry": {"metavar": "COLUMN", "help": "time of a late entry"},
    "--strata": {
        "type": names,
        "default": [],
        "metavar": "COLUMN[,COLUMN]",
        "help": "columns by which the Cox model is stratified",
    },
    "--entry-date": {"metavar": "COLUMN", "help": "date of entry, where --duration is a date"},
    "--event-of-interest": {"metavar": "VALUE", "help": "value of the event"},
    "--drop": {"nargs": "+", "default": [], "metavar": "COLUMN", "help": "columns to leave out"},
    "--schema": {"metavar": "FILE", "help": "a schema.yaml, edited: how columns are read"},
    "--level": {
        "metavar": "NAME",
        "help": "full, fast or large; by size if not given",
    },
    "--out": {"metavar": "FOLDER", "help": f"folder to make; SYNTHETIC{FOLDER} if not given"},
    "--force": {"action": "store_true", "help": "replace the folder"},
}


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser("ck4gen audit", add_help=False)
    for name, keys in OPTIONS.items():
        options.add_argument(name, **keys)
    return options


def audit_files(arguments: Sequence[str]) -> None:
    """Audit the tables, print the verdict, and write a page and a report.

    Raises:
        InputError: A file or an option cannot be used; nothing was written.
    """
    args = parser().parse_intermixed_args(arguments)
    if not 2 <= len(args.files) <= len(ROLES):
        raise InputError(
            f"{len(args.files)} files are given; name the real table, the synthetic one, and "
            "maybe real patients that it was made without; further synthetic tables go behind "
            "--further"
        )
    tables = dict(zip(ROLES, args.files, strict=False))
    leaving = [args.files[1], *args.further]
    synthetic = Path(args.files[1]).expanduser().absolute()
    out = args.out and Path(args.out).expanduser().absolute()
    out = out or synthetic.with_name(synthetic.stem + FOLDER)
    store.check_folder_free(out, args.force, store.AUDITED)
    pair = read_pair(
        args.files[0],
        leaving,
        tables.get(HOLDOUT),
        duration=args.duration,
        event=args.event,
        entry=args.entry,
        strata=args.strata,
        entry_date=args.entry_date,
        event_of_interest=args.event_of_interest,
        drop=args.drop,
        schema=args.schema,
    )
    # scikit-learn and what evaluates, which a refusal does without
    from ck4gen.cli.run import hazard_ratios, privacy
    from ck4gen.experiments.audit_tables import PAGE, audit_tables, write_audit

    audited = audit_tables(pair, args.level)
    roles = tables | synthetic_roles(leaving)
    write_audit(audited, {role: Path(file).name for role, file in roles.items()}, out, args.force)
    from rich.console import Console

    console = Console()
    for note in audited.notes:
        console.print(f"[yellow]note:[/yellow] {note}", soft_wrap=True, highlight=False)
    console.print(hazard_ratios(audited.ratios, "the real table and the synthetic one"))
    console.print(privacy(audited.verdict))
    console.print(f"the page: {out / PAGE}", soft_wrap=True, highlight=False)
