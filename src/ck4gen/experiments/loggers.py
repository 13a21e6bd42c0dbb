"""Loggers of a run. The files are the truth; Weights & Biases is the window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydra.utils import instantiate
from omegaconf import DictConfig
from pytorch_lightning.loggers import Logger, WandbLogger

from ck4gen.config import as_dict
from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments import store
from ck4gen.settings import require


@contextmanager
def tracked(config: DictConfig, folder: Path) -> Iterator[tuple[Logger, ...]]:
    """The configured loggers, writing into ``folder``, finished however the run ends."""
    os.environ.setdefault("WANDB_SILENT", "true")
    if any("WandbLogger" in logger._target_ for logger in config.logger.values()):
        require("wandb", "wandb", "logger=wandb")
    keys = {"save_dir": str(folder), "_convert_": "all"}
    loggers = tuple(instantiate(logger, **keys) for logger in config.logger.values())
    failed = True
    try:
        for run in _wandb_runs(loggers):
            run.config.update(as_dict(config))
        yield loggers
        failed = False
    finally:
        for run in _wandb_runs(loggers):
            run.finish(exit_code=int(failed))  # or the next job of a sweep would go on in it


def log_result(loggers: tuple[Logger, ...], folder: Path, report: dict) -> None:
    """Final metrics to the summary, the table as an artifact, hazard ratios as a table."""
    for run in _wandb_runs(loggers):
        import wandb

        run.summary.update({name: m["value"] for name, m in report["metrics"].items()})
        run.summary.update({"privacy/verdict": report.get("verdict", {}).get("overall")})
        ratios = read_hazard_table(folder / store.HAZARD_RATIOS)
        run.log({"hazard_ratios": wandb.Table(dataframe=ratios)})
        artifact = wandb.Artifact(f"synthetic-{report['dataset']}-{report['id']}", "dataset")
        for name in (store.SYNTHETIC, store.SCHEMA):
            artifact.add_file(str(folder / name))
        run.log_artifact(artifact)


def _wandb_runs(loggers: tuple[Logger, ...]) -> list:
    return [logger.experiment for logger in loggers if isinstance(logger, WandbLogger)]
