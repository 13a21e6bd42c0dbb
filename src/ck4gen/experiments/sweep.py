"""Sweeps: jobs that outlive each other's failures, progress, and a table at the end."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ck4gen.experiments import store
from ck4gen.markdown import markdown
from ck4gen.settings import InputError, NotApplicable

if TYPE_CHECKING:
    from ck4gen.experiments.make_run import Run

POLL_SECONDS = 0.5
KEYS = ("dataset", "method", "split", "seed")
STATUSES = ("done", "skipped", "left out", "failed")


def job(config: DictConfig, sweep_dir: Path, number: int, make: Callable[..., Run]) -> dict:
    """Make one run of a sweep and record how it ended; a failure is recorded, not raised."""
    record = {
        "dataset": config.data.name,
        "method": config.method.name,
        "split": config.split if "split" in config else config.protocol,
        "seed": config.seed,
    }
    try:
        done = make(config, in_sweep=True)
        record |= {"status": "skipped" if done.found else "done", "folder": str(done.folder)}
    except NotApplicable as error:
        record |= {"status": "left out", "why": str(error)}
    except Exception as error:  # any fault of one job must not end the others
        cause = error.__cause__ if isinstance(error.__cause__, InputError) else error
        named = isinstance(cause, InputError)
        record |= {
            "status": "failed",
            "why": str(cause) if named else f"{type(cause).__name__}: {cause}",
            "traceback": traceback.format_exc(),
        }
    store.write_json(sweep_dir / "jobs" / f"{number}.json", record)
    return record


def read_jobs(sweep_dir: Path) -> list[dict]:
    """Records of the jobs that have ended, in the order in which they did."""
    files = sorted((sweep_dir / "jobs").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    return [json.loads(file.read_text()) for file in files]


class SweepReport(Callback):
    """Hydra callback of the launching process: a progress bar, then the tables.

    Args:
        metrics: Columns of the summary.
    """

    def __init__(self, metrics: list[str]) -> None:
        self.metrics = list(metrics)

    def __getstate__(self) -> dict:
        """What travels to the workers: not the thread that watches them."""
        return {"metrics": self.metrics}

    def on_multirun_start(self, config: DictConfig, **_: object) -> None:
        """Start watching the sweep's folder."""
        self.folder = Path(config.hydra.sweep.dir)
        self.total = count_jobs(config)
        self.stopped = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def on_multirun_end(self, config: DictConfig, **_: object) -> None:
        """Print failures and the summary, and leave them in the sweep's folder.

        Raises:
            SystemExit: A job failed.
        """
        # SciPy and what knows the metrics; Hydra makes this object for a single run as well
        from ck4gen.experiments.summary import missing_runs, read_reports, summary

        self.stopped.set()
        self.watcher.join()
        jobs = [_found(job) for job in read_jobs(self.folder)]
        console = Console()
        console.print(_counts(jobs))
        files = [Path(j["folder"]) / store.REPORT for j in jobs if "folder" in j]
        if files:
            table = read_reports(files, self.metrics)
            table.to_csv(self.folder / "summary.csv", index=False)
            (self.folder / "summary.md").write_text(markdown(summary(table)))
            print(markdown(summary(table)))
            left_out = [tuple(j[key] for key in KEYS) for j in jobs if j["status"] == "left out"]
            for cell in missing_runs(table, left_out):
                console.print(f"missing: {cell}", highlight=False)
        console.print(f"summary and job records: {self.folder}", soft_wrap=True, highlight=False)
        if failed := [job for job in jobs if job["status"] == "failed"]:
            console.print(_failures(failed))
            sys.exit(1)

    def _watch(self) -> None:
        """One bar on a terminal, else one plain line a job."""
        console = Console(stderr=True)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Progress(
            *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
        ) as progress:
            bar = progress.add_task("sweep", total=self.total)
            shown, last = 0, False
            while not last:
                last = self.stopped.wait(POLL_SECONDS)
                jobs = read_jobs(self.folder)
                if not console.is_terminal:
                    for number, ended in enumerate(jobs[shown:], shown + 1):
                        names = " ".join(str(ended[key]) for key in KEYS)
                        line = f"{number}/{self.total} {ended['status']}: {names}"
                        print(line, file=sys.stderr, flush=True)
                shown = len(jobs)
                progress.update(bar, completed=shown, description=_counts(jobs))


def _found(job: dict) -> dict:
    """The record of a job, as failed where its run folder is gone since."""
    if "folder" not in job or (Path(job["folder"]) / store.REPORT).is_file():
        return job
    why = f"{job['folder']} has no report any more; launch the sweep again"
    return {key: job[key] for key in KEYS} | {"status": "failed", "why": why}


def _counts(jobs: list[dict]) -> str:
    return ", ".join(f"{sum(job['status'] == s for job in jobs)} {s}" for s in STATUSES)


def count_jobs(config: DictConfig) -> int:
    """Jobs of a grid: the product of the sweep's own lists and those of the command line."""
    own = [f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()]
    overrides = OverridesParser.create().parse_overrides([*own, *config.hydra.overrides.task])
    return len(BasicSweeper.split_arguments(overrides, None)[0])


def _failures(failed: list[dict]) -> Table:
    shown = Table(title="Failed jobs", title_justify="left")
    for column in (*KEYS, "why"):
        shown.add_column(column)
    for ended in failed:
        shown.add_row(*(escape(str(ended[key])) for key in (*KEYS, "why")))
    return shown
