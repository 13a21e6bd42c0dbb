"""``ck4gen synthesize``: a user's table in, a table to share out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from ck4gen.cli.names import names
from ck4gen.cli.run import hazard_ratios, privacy
from ck4gen.cli.stage_bar import stage_bar
from ck4gen.data.understanding import COMPETING, schema_text
from ck4gen.evaluation.statuses import PASS
from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments.override_errors import explained
from ck4gen.experiments.prepare import CROSSFIT
from ck4gen.experiments.stage_clock import StageClock, crossed_stages
from ck4gen.experiments.store import HAZARD_RATIOS, SCHEMA, check_folder_free
from ck4gen.experiments.synthesize import (
    KEEP,
    SHARE,
    audit_split,
    configuration,
    of_size,
    synthesize_cohort,
    understood,
)

METHOD = "ck4gen_free"
FOLDER = "_synthetic"  # added to the file's name where no folder is given


OPTIONS: dict[str, dict[str, Any]] = {
    "file": {"help": "text, Excel, Parquet, Stata, SPSS, SAS or R; one row per patient"},
    "keys": {"nargs": "*", "help": "keys of ck4gen train, such as evaluation=fast"},
    "--duration": {
        "required": True,
        "metavar": "COLUMN",
        "help": "time to the event or to censoring, or the date of its end",
    },
    "--event": {
        "required": True,
        "metavar": "COLUMN",
        "help": "whether it happened: 1 and 0, yes and no, dead and alive, or R's 2 and 1",
    },
    "--entry": {
        "metavar": "COLUMN",
        "help": "time at which a patient came under observation, where that was late",
    },
    "--strata": {
        "type": names,
        "default": [],
        "metavar": "COLUMN[,COLUMN]",
        "help": "columns by which the Cox model is stratified: a baseline hazard for each",
    },
    "--cluster": {"metavar": "COLUMN", "help": "not supported; says what is"},
    "--entry-date": {"metavar": "COLUMN", "help": "date of entry, where --duration is a date"},
    "--event-of-interest": {
        "metavar": "VALUE",
        "help": "value of the event, where it is not plain",
    },
    "--censored": {"metavar": "VALUE", "help": "value of a row in which nothing happened"},
    "--competing": {
        "choices": COMPETING,
        "default": "keep",
        "help": "other values of --event: keep them as competing causes, or censor them",
    },
    "--drop": {"nargs": "+", "default": [], "metavar": "COLUMN", "help": "columns to leave out"},
    "--plan": {
        "action": "store_true",
        "help": "say how the table is read, and stop: nothing is fitted",
    },
    "--schema": {
        "metavar": "FILE",
        "help": "an edited schema.yaml, which says how columns are read",
    },
    "--impute": {
        "action": "store_true",
        "help": "fill blanks, so that the synthetic table has none",
    },
    "--method": {"default": METHOD, "help": f"a file of conf/method; {METHOD} if not given"},
    "--rows": {"type": int, "help": "rows of the table; as many as patients if not given"},
    "--seed": {"type": int, "default": 0, "help": "seed of training and of sampling"},
    "--out": {"metavar": "FOLDER", "help": f"folder to make; FILE{FOLDER} if not given"},
    "--force": {"action": "store_true", "help": "replace the folder"},
}


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser("ck4gen synthesize", add_help=False)
    for name, keys in OPTIONS.items():
        options.add_argument(name, **keys)
    return options


def synthesize_file(arguments: Sequence[str]) -> None:
    """Say what was understood; then make the table, audit it, and say where it is.

    Raises:
        InputError: The table or an option cannot be used; nothing was written.
    """
    args = parser().parse_intermixed_args(arguments)
    data = {
        "path": str(Path(args.file).expanduser()),
        "duration": args.duration,
        "event": args.event,
        "entry_date": args.entry_date,
        "entry": args.entry,
        "strata": args.strata,
        "cluster": args.cluster,
        "event_of_interest": args.event_of_interest,
        "censored": args.censored,
        "competing": args.competing,
        "drop": args.drop,
        "schema": args.schema,
    }
    if args.impute:
        data["missing"] = "impute"
    overrides = [f"method={args.method}", f"seed={args.seed}", *args.keys]
    if args.rows is not None:
        overrides.append(f"n_samples={args.rows}")
    out = Path(args.out).expanduser() if args.out else _beside(Path(args.file))
    if not args.plan:
        check_folder_free(out.absolute(), args.force, (SHARE, KEEP))
    with explained(overrides, "train"):
        config = configuration(data, overrides)
        cohort, screen_text = understood(config)
        config = of_size(config, overrides, len(cohort.table))
    print(f"{args.file}: {', '.join(cohort.notes)}" if cohort.notes else args.file)
    print(screen_text, flush=True)
    if args.plan:
        print("\nschema.yaml, to edit and to give back with --schema:\n")
        print(schema_text(cohort.plan, [rule.sentence for rule in cohort.schema.rules]))
        return
    crossed = audit_split(config, cohort) == CROSSFIT
    clock = StageClock(crossed_stages(config.folds)) if crossed else StageClock()
    with stage_bar(clock=clock) as begin:
        made = synthesize_cohort(config, cohort, screen_text, out.absolute(), args.force, begin)
    _show(made.folder, made.release, made.audit)


def _beside(file: Path) -> Path:
    return file.expanduser().absolute().with_name(file.stem + FOLDER)


def _show(folder: Path, release: dict, audit: dict) -> None:
    console = Console()
    for note in sorted({*release["warnings"], *audit["warnings"]}):
        console.print(f"[yellow]warning:[/yellow] {note}", soft_wrap=True, highlight=False)
    ratios = read_hazard_table(folder / KEEP / HAZARD_RATIOS)
    console.print(hazard_ratios(ratios, "the real table and the synthetic one"))
    console.print(privacy(audit["verdict"]))
    if steps := release["config"]["trainer"]["limit_steps"]:
        console.print(f"[yellow]warning:[/yellow] a trial of {steps} steps, not a table to share")
    verdict = audit["verdict"]["overall"]
    share = "to share" if verdict == PASS else f"not to share as it is, the verdict is {verdict}"
    for name, what in ((SHARE, share), (KEEP, "to keep")):
        console.print(f"{what}: {folder / name}", soft_wrap=True, highlight=False)
    console.print(
        f"how columns were read: {folder / KEEP / SCHEMA}", soft_wrap=True, highlight=False
    )
