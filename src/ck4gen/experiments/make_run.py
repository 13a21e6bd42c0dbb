"""A run, or whichever of its steps is missing; what is finished is found without an import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments import store
from ck4gen.experiments.prepare import check, prepared
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.importing import importing


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, its report, and whether it was finished before."""

    folder: Path
    report: dict
    reused: bool = False


def make_run(
    config: DictConfig,
    in_sweep: bool = False,
    begin: Callable[[str], None] | None = None,
    read: FrameDataModule | None = None,
) -> Run:
    """Make one run, or whichever of its two steps is missing or stale.

    Args:
        config: ``conf/train.yaml``, composed.
        in_sweep: The run is one of a sweep: wait for another process that is making it, instead of
            refusing.
        begin: Told which step begins: ``fit``, ``draw``, ``folds`` or ``evaluate``.
        read: The table of the configuration, where that has been read before.

    Raises:
        InputError: The configuration or the cohort cannot be used; nothing was written.
    """
    check(config)
    folder = store.run_folder(config)
    with store.claim(folder, wait=in_sweep):
        report = None if config.force else store.read_report(folder)
        made = False
        if report is not None:  # hashes of the source take long, and a refusal needs none
            made = report["hashes"].get("generation") == store.generation_hash(config)
            if made and store.current_evaluation(report, config):
                return Run(folder, report, reused=True)
        ready = None if made else prepared(config, read)  # or refused, before what takes seconds
        with importing(for_good=True):
            from ck4gen.experiments import run
        with thread_limits(config.trainer.threads):
            begin = begin or run.unheard
            if ready is None:
                begin("evaluate")
                return Run(folder, run.reevaluate(config, folder))
            return Run(folder, run.generate(config, folder, ready, begin))
