"""``ck4gen train``, ``audit`` and ``sweep``: one run, or many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from ck4gen.cli.run import print_run
from ck4gen.cli.run_bar import run_bar
from ck4gen.experiments import sweep
from ck4gen.experiments.make_run import Run, make_run
from ck4gen.experiments.prepare import check
from ck4gen.experiments.untold import untold
from ck4gen.settings import InputError


def train(config: DictConfig) -> None:
    """Make the run of a configuration, or find it, and print it.

    Raises:
        InputError: The configuration cannot be used, or is one of many runs.
    """
    hydra = HydraConfig.get()
    sweep_name = hydra.runtime.choices.get("sweep")
    if hydra.mode != RunMode.MULTIRUN and sweep_name is not None:
        raise InputError(
            f"sweep={sweep_name} is a list of many runs and this command makes one; use ck4gen "
            f"sweep {' '.join(hydra.overrides.task)}"
        )

    def show(folder: Path, report: dict, reused: bool) -> None:
        print_run(folder, report, reused)
        if reused and (sentence := untold(config, [folder])):
            print(sentence)

    one_or_job(config, make_with_bar, show)


def make_with_bar(config: DictConfig, in_sweep: bool = False) -> Run:
    """Make a run under a bar of its own; the jobs of a sweep share one of the sweep's."""
    if in_sweep:
        return make_run(config, in_sweep=True)
    check(config)
    with run_bar(config) as begin:
        return make_run(config, begin=begin)


def one_or_job(
    config: DictConfig, make: Callable[..., Run], show: Callable[[Path, dict, bool], None]
) -> None:
    """Make what the configuration asks for and print it; in a sweep, as one of its jobs."""
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        sweep.job(config, Path(hydra.sweep.dir), hydra.job.num, make)
        return
    done = make(config)
    show(done.folder, done.report, done.reused)
