"""Loggers of a run. The files are the truth; Weights & Biases is the window."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig
from pytorch_lightning.loggers import Logger, WandbLogger

from ck4gen.config import as_dict
from ck4gen.experiments.wandb_record import PRIVATE_KEYS, Pair, by_stage, record
from ck4gen.settings import InputError, require

LOGIN = (
    "Weights & Biases refused ({why}); run wandb login once, or stay offline with "
    "logger.wandb.offline=true and send the run later"
)


class StageLogger(WandbLogger):
    """That of Lightning, with the steps of each stage of training as an axis of their own."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log the metrics of one stage at a step of that stage.

        Args:
            metrics: Values by name, as ``encoder/loss``.
            step: Step of the stage.
        """
        if step is None:
            super().log_metrics(metrics)
        else:
            self.experiment.log(by_stage(self.experiment, metrics, step))


@contextmanager
def tracked(config: DictConfig, folder: Path) -> Iterator[tuple[Logger, ...]]:
    """The configured loggers, writing into ``folder``, finished however the run ends.

    Raises:
        InputError: Weights & Biases wants a login.
    """
    os.environ.setdefault("WANDB_SILENT", "true")
    if any("project" in logger for logger in config.logger.values()):
        require("wandb", "wandb", "logger=wandb")
    keys = {"save_dir": str(folder), "_convert_": "all"}
    loggers = tuple(instantiate(logger, **keys) for logger in config.logger.values())
    failed = True
    runs = _wandb_runs(loggers)
    try:
        for run in runs:
            public_config = {k: v for k, v in as_dict(config).items() if k not in PRIVATE_KEYS}
            run.config.update(public_config)
        yield loggers
        failed = False
    finally:
        for run in runs:
            run.finish(exit_code=int(failed))  # or the next job of a sweep would go on in it


def log_result(
    loggers: tuple[Logger, ...], folder: Path, report: dict, pair: Pair | None = None
) -> None:
    """What Weights & Biases is told of a finished run, see :func:`wandb_record.record`."""
    for run in _wandb_runs(loggers):
        record(run, folder, report, pair)


def _wandb_runs(loggers: tuple[Logger, ...]) -> list[Any]:
    wandb_loggers = [logger for logger in loggers if isinstance(logger, WandbLogger)]
    if not wandb_loggers:
        return []
    from wandb.errors import Error

    try:
        return [logger.experiment for logger in wandb_loggers]
    except Error as error:
        raise InputError(LOGIN.format(why=" ".join(str(error).split()))) from error
