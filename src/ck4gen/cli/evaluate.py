"""``ck4gen evaluate``: finished runs evaluated again, without fitting."""

from __future__ import annotations

import sys
from glob import glob
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from ck4gen.cli.run import print_run
from ck4gen.experiments import run, store
from ck4gen.experiments.faults import sentence_of
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.settings import InputError


def evaluate(config: DictConfig) -> None:
    """Evaluate the run that ``run`` names, or each that it matches, and print the tables.

    Raises:
        InputError: ``run`` names no finished run, or some of those that it matches failed.
    """
    if Path(config.run).exists() or not any(sign in config.run for sign in "*?["):
        _evaluate(config, config.run)
        return
    folders = sorted(str(Path(file).parent) for file in glob(f"{config.run}/{store.REPORT}"))
    if not folders:
        raise InputError(f"run={config.run} matches no finished run; name folders that hold one")
    done, failed = 0, []
    with unfinished(lambda: goes_on(done, len(folders))):
        for folder in folders:
            try:
                _evaluate(config, folder, again=config.force)
                done += 1
            except Exception as error:  # whatever went wrong with one, the others are evaluated
                failed.append(folder)
                why = sentence_of(error) or " ".join(str(error).split())
                print(f"failed: {folder}: {why}", file=sys.stderr)
    if failed:
        raise InputError(
            f"{len(failed)} of {len(folders)} runs could not be evaluated, for the reasons above: "
            f"{', '.join(failed)}"
        )


def _evaluate(config: DictConfig, name: str, again: bool = True) -> None:
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
    found = not again and store.current_evaluation(report, settings)
    if not found:
        with store.claim(folder):
            report = run.reevaluate(settings, folder)
    print_run(folder, report, found)
