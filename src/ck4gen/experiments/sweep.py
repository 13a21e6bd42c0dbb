"""Sweeps: jobs that outlive each other's failures, progress, and a table at the end."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ck4gen.experiments import store
from ck4gen.experiments.command_words import output_words
from ck4gen.experiments.expected import STEPS, expected
from ck4gen.experiments.failed_jobs import failed_jobs
from ck4gen.experiments.faults import sentence_of
from ck4gen.experiments.missing import few, missing_commands
from ck4gen.experiments.spoken import spoken
from ck4gen.experiments.sweep_clock import SweepClock, kind_of
from ck4gen.experiments.unfinished import goes_on
from ck4gen.experiments.untold import untold
from ck4gen.printed import print_frame
from ck4gen.settings import NotApplicable

if TYPE_CHECKING:
    from ck4gen.experiments.make_run import Run

POLL_SECONDS = 0.5
KEYS = ("dataset", "method", "split", "seed")
STATUSES = ("done", "skipped", "left out", "failed")
NAMED = 3  # running jobs that the bar names
NAMES = ("data=", "method=", "split=")
_jobs_before: list[int] = []  # jobs of this process


def job(config: DictConfig, sweep_dir: Path, number: int, make: Callable[..., Run]) -> dict:
    """Make one run of a sweep and record how it ended; a failure is recorded, not raised."""
    cell = {
        "dataset": config.data.name,
        "method": config.method.name,
        "split": config.split if "split" in config else config.protocol,
        "seed": config.seed,
    }
    record = {
        # nan is no JSON; that it is no name and no seed, the run says
        **{key: str(value) if isinstance(value, float) else value for key, value in cell.items()},
        "overrides": list(HydraConfig.get().overrides.task),
        "first": not _jobs_before,  # it pays for the imports of all
        "since": time.time(),
    }
    _jobs_before.append(number)
    running = sweep_dir / "running" / f"{number}.json"
    store.write_json(running, record)
    start = time.perf_counter()
    try:
        if config.get("group", "") is None:
            config.group = sweep_dir.name  # so that its runs stand together
        done = make(config, in_sweep=True)
        record |= {"status": "skipped" if done.reused else "done", "folder": str(done.folder)}
        record["seconds"] = time.perf_counter() - start
        record["alone"] = _alone(done.report)
    except NotApplicable as error:
        record |= {"status": "left out", "why": str(error)}
    except Exception as error:  # any fault of one job must not end the others
        record |= {
            "status": "failed",
            "why": sentence_of(error) or f"{type(error).__name__}: {error}",
            "traceback": traceback.format_exc(),
        }
    store.write_json(sweep_dir / "jobs" / f"{number}.json", record)
    running.unlink()
    return record


def _alone(report: dict) -> float:
    """Seconds of a run's own steps."""
    cost = report.get("cost", {})
    return sum(cost.get(name) or 0.0 for name in STEPS.values()) or report.get("seconds", 0.0)


def read_jobs(sweep_dir: Path) -> list[dict]:
    """Records of the jobs that have ended, in the order in which they did."""
    files = sorted((sweep_dir / "jobs").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    return [json.loads(file.read_text()) | {"number": int(file.stem)} for file in files]


def read_running(sweep_dir: Path) -> dict[int, dict]:
    """Records of the jobs that have begun and not ended, by number."""
    running = {}
    for file in sorted((sweep_dir / "running").glob("*.json")):
        with suppress(FileNotFoundError):  # it has just ended
            running[int(file.stem)] = json.loads(file.read_text())
    return running


class SweepReport(Callback):
    """Hydra callback of the launching process: a progress bar, then the tables.

    Args:
        metrics: Columns of the summary.

    Attributes:
        running: The sweep that this process is launching, if it is.
    """

    running: ClassVar[SweepReport | None] = None

    def __init__(self, metrics: list[str]) -> None:
        self.metrics = list(metrics)

    def __getstate__(self) -> dict:
        """What travels to the workers: not the thread that watches them."""
        return {"metrics": self.metrics}

    def on_multirun_start(self, config: DictConfig, **_: object) -> None:
        """Start watching the sweep's folder."""
        self.folder = Path(config.hydra.sweep.dir)
        self.clock = clock_of(config)
        self.total = len(self.clock.kinds)
        self.runs = Path(config.output_dir).expanduser().absolute() / "runs"
        store.clear_abandoned(self.runs)  # of a sweep that was killed
        SweepReport.running = self
        print(self._header(config), file=sys.stderr, flush=True)
        self.stopped = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def on_multirun_end(self, config: DictConfig, **_: object) -> None:
        """Print failures and the summary, and leave them in the sweep's folder.

        Raises:
            SystemExit: A job failed.
        """
        # SciPy and what knows the metrics; Hydra makes this object for a single run as well
        from ck4gen.experiments.summary import SHARED, read_reports, summary
        from ck4gen.experiments.summary_marks import below, page

        self.stop()
        jobs = [_current_record(job) for job in read_jobs(self.folder)]
        console = Console()
        console.print(_counts(jobs))
        # of a grid that names a run twice, as seed=0,0, each once
        folders = dict.fromkeys(job["folder"] for job in jobs if "folder" in job)
        files = [Path(folder) / store.REPORT for folder in folders]
        if files:
            table = read_reports(files, self.metrics)
            table.to_csv(self.folder / "summary.csv", index=False)
            means = summary(table)
            (self.folder / "summary.md").write_text(page(means))
            print_frame(means)
            for line in below(means):
                console.print(line, soft_wrap=True, highlight=False)
            left_out = [tuple(j[key] for key in KEYS) for j in jobs if j["status"] == "left out"]
            more = [*table.attrs[SHARED], *output_words(self.runs.parent)]
            makes_runs = "evaluation" in config  # and no comparisons of augmented training
            missing = missing_commands(table, left_out, more) if makes_runs else []
            for command in few(missing):
                console.print(f"missing: {command}", soft_wrap=True, highlight=False)
        skipped = [Path(job["folder"]) for job in jobs if job["status"] == "skipped"]
        if sentence := untold(config, skipped):
            console.print(sentence, soft_wrap=True, highlight=False)
        console.print(f"summary and job records: {self.folder}", soft_wrap=True, highlight=False)
        if any(job["status"] == "failed" for job in jobs):
            console.print(failed_jobs(jobs))
            sys.exit(1)

    def stop(self) -> str:
        """Close the bar, and say how far the sweep has come; what was begun is cleared away."""
        SweepReport.running = None
        self.stopped.set()
        self.watcher.join()
        store.clear_abandoned(self.runs)
        ended = [job for job in read_jobs(self.folder) if job["status"] != "failed"]
        return goes_on(len(ended), self.total)

    def _watch(self) -> None:
        """One bar on a terminal, else one plain line a job."""
        console = Console(stderr=True)
        columns = BarColumn(12), MofNCompleteColumn(), TextColumn("{task.description}")
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=self.total)
            shown, last = 0, False
            while not last:
                last = self.stopped.wait(POLL_SECONDS)
                jobs = read_jobs(self.folder)
                if not console.is_terminal:
                    for number, ended in enumerate(jobs[shown:], shown + 1):
                        names = " ".join(str(ended[key]) for key in KEYS)
                        line = f"{number}/{self.total} {ended['status']}: {names}"
                        print(f"{line}; {self._left(jobs)}", file=sys.stderr, flush=True)
                shown = len(jobs)
                description = (
                    f"{_counts(jobs)}; {self._left(jobs)}; {_names(read_running(self.folder))}"
                )
                progress.update(bar, completed=shown, description=description)

    def _left(self, jobs: list[dict]) -> str:
        now = time.time()
        since = {n: now - job["since"] for n, job in read_running(self.folder).items()}
        left = self.clock.remaining(jobs, since)
        return "time left not known yet" if left is None else f"{spoken(left)} left"

    def _header(self, config: DictConfig) -> str:
        """What the sweep makes, on how many processes, and how long it should take."""
        processes = f"{self.clock.workers} at once" if self.clock.workers > 1 else "one by one"
        left = self.clock.remaining([], {})
        long = "no earlier runs say how long it takes" if left is None else spoken(left)
        by = "" if left is None else ", by what earlier runs took"
        return f"{self.total} runs, {processes}: {long}{by}"


def _current_record(job: dict) -> dict:
    """The record of a job, as failed where its run folder is gone since."""
    if "folder" not in job or (Path(job["folder"]) / store.REPORT).is_file():
        return job
    why = f"{job['folder']} has no report any more; launch the sweep again"
    gone = {key: value for key, value in job.items() if key != "folder"}
    return gone | {"status": "failed", "why": why}


def _counts(jobs: list[dict]) -> str:
    return ", ".join(f"{sum(job['status'] == s for job in jobs)} {s}" for s in STATUSES)


def _names(running: dict[int, dict]) -> str:
    names = [" ".join(str(job[key]) for key in KEYS) for job in running.values()]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"running: {', '.join(names[:NAMED])}{more}" if names else "workers start"


def clock_of(config: DictConfig) -> SweepClock:
    """The jobs of a grid, the product of the sweep's own lists and those of the command line."""
    sweep_overrides = [
        f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()
    ]
    overrides = OverridesParser.create().parse_overrides(
        [*sweep_overrides, *config.hydra.overrides.task]
    )
    kinds = [kind_of(job) for job in BasicSweeper.split_arguments(overrides, None)[0]]
    before = {}
    if "evaluation" in config:  # runs, and not comparisons of augmented training
        for kind in set(kinds):
            named = dict(word.split("=", 1) for word in kind if word.startswith(NAMES))
            estimate = expected(
                config, *(named.get(name, "") for name in ("data", "method", "split"))
            )
            if estimate.runs:
                before[kind] = estimate.total
    return SweepClock(kinds, _workers(config), before)


def _workers(config: DictConfig) -> int:
    launcher = config.hydra.get("launcher") or {}
    workers = launcher.get("n_jobs", launcher.get("array_parallelism", 1))
    return (os.cpu_count() or 1) if workers == -1 else int(workers)
