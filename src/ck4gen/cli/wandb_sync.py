"""``ck4gen wandb-sync``: finished runs to Weights & Biases."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from ck4gen.config import defaults
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.settings import InputError, require


def wandb_sync(arguments: Sequence[str]) -> None:
    """Tell Weights & Biases of finished runs that were made without it.

    Raises:
        InputError: A folder holds no finished run, or there is no login.
    """
    args = parser().parse_args(arguments)
    require("wandb", "wandb", "ck4gen wandb-sync")
    from ck4gen.experiments.store import REPORT
    from ck4gen.experiments.wandb_sync import sync_run

    if bare := [str(folder) for folder in args.runs if not (folder / REPORT).is_file()]:
        raise InputError(f"no finished run in {', '.join(bare)}; name folders that hold one")
    project = args.project or defaults("logger=wandb")["logger"]["wandb"]["project"]
    offline = args.offline or os.environ.get("WANDB_MODE") == "offline"
    tracked = {folder for folder in args.runs if (folder / "wandb").is_dir()}
    left_out = 0
    done = 0
    with unfinished(lambda: goes_on(done, len(args.runs))):
        for folder in args.runs:
            if folder in tracked and not args.force:
                left_out += 1
                continue
            name, files = sync_run(folder.absolute(), project, offline, args.group)
            done += 1
            told = f"written: {name}; wandb sync {files} sends it" if offline else f"sent: {name}"
            print(told, flush=True)
    if left_out:
        print(
            f"{left_out} runs have a wandb folder already: wandb sync sends what is in it, and "
            "--force makes it again"
        )


def parser() -> argparse.ArgumentParser:
    """What ``ck4gen wandb-sync`` takes."""
    made = argparse.ArgumentParser("ck4gen wandb-sync", add_help=False)
    made.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of finished runs")
    made.add_argument("--project", help="name of the project; that of logger=wandb if not given")
    made.add_argument("--group", help="name under which the runs are grouped")
    made.add_argument("--offline", action="store_true", help="write files, and send nothing")
    made.add_argument("--force", action="store_true", help="also runs that were told before")
    return made
