"""``ck4gen evaluate``: finished runs evaluated again, without fitting."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from ck4gen.cli.count_bar import count_bar
from ck4gen.cli.run import print_run
from ck4gen.cli.run_bar import UNKNOWN
from ck4gen.cli.stage_bar import stage_bar
from ck4gen.config import check_complete
from ck4gen.experiments import run, store
from ck4gen.experiments.expected import STEPS
from ck4gen.experiments.faults import sentence_of
from ck4gen.experiments.spoken import spoken
from ck4gen.experiments.stage_clock import RUN, StageClock
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.settings import InputError, true_or_false


def evaluate(config: DictConfig) -> None:
    """Evaluate the run that ``run`` names, or each that it matches, and print the tables.

    Raises:
        InputError: ``run`` names no finished run, or some of those that it matches failed.
    """
    check_complete(config)
    true_or_false("force", config.force)
    if Path(config.run).exists() or not any(sign in config.run for sign in "*?["):
        _evaluate(config, config.run, bar=True)
        return
    folders = sorted(str(Path(file).parent) for file in glob(f"{config.run}/{store.REPORT}"))
    if not folders:
        raise InputError(f"run={config.run} matches no finished run; name folders that hold one")
    done, failed = 0, []
    seconds = _seconds(config, folders)

    def header(_: int) -> str:
        rest = "" if config.force else "; those that are current stay as they are"
        return f"{len(folders)} runs, evaluation={config.evaluation.name}: {_spoken(seconds)}{rest}"

    with (
        unfinished(lambda: goes_on(done, len(folders))),
        count_bar("runs", len(folders), header, (seconds or 0.0) / len(folders)) as progress,
    ):
        for number, folder in enumerate(folders):
            progress(number)
            try:
                _evaluate(config, folder, again=config.force)
                done += 1
            except Exception as error:  # whatever went wrong with one, the others are evaluated
                failed.append(folder)
                why = sentence_of(error) or " ".join(str(error).split())
                print(f"failed: {folder}: {why}", file=sys.stderr)
        progress(len(folders))
    if failed:
        raise InputError(
            f"{len(failed)} of {len(folders)} runs could not be evaluated, for the reasons above: "
            f"{', '.join(failed)}"
        )


def _evaluate(config: DictConfig, name: str, again: bool = True, bar: bool = False) -> None:
    folder = Path(name).absolute()
    report = store.read_report(folder)
    if report is None:
        raise InputError(f"run={name} is no finished run: it holds no {store.REPORT}")
    if store.is_fuller(report, config.evaluation.name) and not config.force:
        raise InputError(
            f"run={name} holds a full evaluation, which evaluation={config.evaluation.name} would "
            "replace; add force=true"
        )
    settings = OmegaConf.create(report["config"])
    settings.evaluation = config.evaluation
    if "path" in settings.data and store.identity(settings) != report["id"]:
        raise InputError(
            f"{settings.data.path} has changed since run={name} was made from it, or an "
            "older ck4gen made the run; restore the file, or make it again with ck4gen train"
        )
    reused = not again and store.current_evaluation(report, settings)
    if not reused:
        with store.claim(folder), _bar(settings, name, bar):
            report = run.reevaluate(settings, folder)
    print_run(folder, report, reused)


@contextmanager
def _bar(settings: DictConfig, name: str, shown: bool) -> Iterator[None]:
    """The bar of a single run."""
    if not shown:
        yield
        return
    seconds = _seconds(settings, [name])
    clock = StageClock({"evaluate": (RUN["evaluate"], seconds or 0.0)}, timed=seconds is not None)
    names = ", ".join((settings.data.name, settings.method.name, f"split={settings.split}"))
    header = (
        f"{names}, seed={settings.seed}, evaluation={settings.evaluation.name}: {_spoken(seconds)}"
    )
    with stage_bar(clock=clock, header=header) as begin:
        begin("evaluate")
        yield


def _seconds(config: DictConfig, folders: list[str]) -> float | None:
    """Seconds that the last evaluations of these runs took; None where one was of another kind."""
    took = 0.0
    for folder in folders:
        report = store.read_report(Path(folder).absolute()) or {}
        seconds = report.get("cost", {}).get(STEPS["evaluate"])
        if not seconds or report["config"]["evaluation"]["name"] != config.evaluation.name:
            return None
        took += seconds
    return took


def _spoken(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else f"{spoken(seconds)}, as it took before"
