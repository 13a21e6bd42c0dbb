"""``ck4gen train``, ``audit`` and ``sweep``: one run, or many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from ck4gen.cli.run import print_run
from ck4gen.experiments import sweep
from ck4gen.experiments.make_run import Run, make_run


def train(config: DictConfig) -> None:
    """Make the run of a configuration, or find it, and print it."""
    one_or_job(config, make_run, print_run)


def one_or_job(
    config: DictConfig, make: Callable[..., Run], show: Callable[[Path, dict, bool], None]
) -> None:
    """Make what the configuration asks for and print it; in a sweep, as one of its jobs."""
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        sweep.job(config, Path(hydra.sweep.dir), hydra.job.num, make)
        return
    done = make(config)
    show(done.folder, done.report, done.found)
