"""One stage of training: a fresh Trainer each, one thread count, checkpoints on request."""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ck4gen.constraints import OneOf, Positive, check_fields
from ck4gen.guard.secret_weights import new_secret
from ck4gen.settings import InputError

if TYPE_CHECKING:
    from pytorch_lightning import LightningModule
    from pytorch_lightning.loggers import Logger
    from torch import Tensor
    from torch.utils.data import DataLoader

EXPECTED_WARNINGS = (
    ".*does not have many workers.*",  # whole-tensor batches need no worker processes
    ".*Your `IterableDataset` has `__len__` defined.*",  # exact here: the steps of one epoch
    ".*Experiment logs directory .* exists and is not empty.*",  # it holds the run's own config
    ".*isinstance.treespec, LeafSpec.. is deprecated.*",  # Lightning 2.6 under torch 2.13
    ".*It is recommended to use `self.log.*sync_dist=True.*",  # a curve to look at: of one process
)
ACCELERATORS = ("auto", "cpu", "gpu", "mps")
TAKE_TURNS = "_find_unused_parameters_true"  # where each step leaves some parameters out
STRATEGIES = ("auto", "ddp_spawn", "ddp_fork")  # those that come back from a stage as one process


@dataclass(frozen=True)
class TrainerSettings:
    """The keys of ``conf/trainer``; each is described there."""

    accelerator: Annotated[str, OneOf(ACCELERATORS)]
    devices: Positive
    strategy: Annotated[str, OneOf(STRATEGIES)]
    threads: Positive
    steps_per_epoch: Positive
    limit_steps: Positive | None

    def __post_init__(self) -> None:
        check_fields("trainer", self)
        if self.several and self.strategy == "auto":
            raise InputError(
                f"trainer.devices is {self.devices}, and trainer.strategy auto; with more than one "
                "device it is ddp_spawn or ddp_fork (trainer=ddp has both)"
            )

    @property
    def several(self) -> bool:
        """Whether processes that end with a stage train it."""
        return self.devices > 1


@dataclass(frozen=True)
class TrainedStage:
    """A stage of training that has ended.

    Attributes:
        weights: The module's ``state_dict``.
        steps: Optimiser steps made.
    """

    weights: Mapping[str, Tensor]
    steps: int


@dataclass(frozen=True)
class Training:
    """How and where the stages of one fit are trained.

    Attributes:
        settings: Trainer settings.
        seed: Seed of initial weights and shuffling.
        secret: What only the custodian of the cohort knows; a method's guard draws from it.
        table: Which of several tables of one release; each has weights of its own.
        loggers: Loggers that all stages share; metric names carry the stage.
        checkpoints: Folder for ``<stage>.ckpt`` (weights only), None to write none.
        trained: Stages that were trained before, by name: their weights are put back instead.
        finished: Filled by :meth:`fit`: the stages that ended, by name.
    """

    settings: TrainerSettings
    seed: int
    secret: bytes = field(default_factory=new_secret, repr=False)
    table: int = 0
    loggers: tuple[Logger, ...] = ()
    checkpoints: Path | None = None
    trained: Mapping[str, TrainedStage] = field(default_factory=dict)
    finished: dict[str, TrainedStage] = field(default_factory=dict)

    @classmethod
    def unreleased(cls, settings: TrainerSettings, seed: int) -> Training:
        """Of a fit whose tables nobody receives: the seed is secret enough, and repeats it."""
        return cls(settings, seed, str(seed).encode())

    def fit(self, module: LightningModule, loader: DataLoader, stage: str, steps: int) -> int:
        """Train ``module`` and leave it in evaluation mode.

        Args:
            module: What to train.
            loader: Batches of an encoded cohort.
            stage: Name of the checkpoint.
            steps: Optimiser steps.

        Returns:
            Steps made: ``steps``, or the cap of ``trainer.limit_steps``.
        """
        if stage in self.trained:
            made = self.trained[stage]
            # assigned, not copied: the order of a matrix in memory decides last bits of a product
            module.load_state_dict(made.weights, assign=True)
        else:
            steps = self._train(module, loader, stage, steps)
            made = TrainedStage(module.state_dict(), steps)
        self.finished[stage] = made
        module.eval().requires_grad_(False)  # what is searched later is noise, and no weight
        return made.steps

    def _train(self, module: LightningModule, loader: DataLoader, stage: str, steps: int) -> int:
        # Lightning takes seconds to import, and every command reads this file
        import torch
        from pytorch_lightning import Trainer

        # a Trainer asks torch for deterministic operations, which fill every new tensor first, in
        # searches after it, too; nothing here reads memory that it has not written
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        for name in ("pytorch_lightning", "lightning_fabric"):
            logging.getLogger(name).setLevel(logging.WARNING)
        with threads(self.settings.threads), warnings.catch_warnings(), self._curves() as loggers:
            for message in EXPECTED_WARNINGS:
                warnings.filterwarnings("ignore", message=message)
            steps = min(steps, self.settings.limit_steps or steps)
            trainer = Trainer(
                max_steps=steps,
                max_epochs=-1,
                accelerator=self.settings.accelerator,
                devices=self.settings.devices,
                strategy=self._strategy(module),
                deterministic="warn",  # a GPU lacks some deterministic operations
                logger=loggers or False,
                log_every_n_steps=self.settings.steps_per_epoch,
                enable_checkpointing=False,
                enable_model_summary=False,
                enable_progress_bar=False,
            )
            trainer.fit(module, train_dataloaders=loader)
            if self.checkpoints is not None:
                trainer.save_checkpoint(self.checkpoints / f"{stage}.ckpt", weights_only=True)
        return steps  # of a trainer whose processes have ended, none

    @contextmanager
    def _curves(self) -> Iterator[list[Logger]]:
        """Who is told of a stage; of several processes the first one tells the loggers after it."""
        if not self.settings.several:
            yield list(self.loggers)
            return
        from ck4gen.models.first_process import FirstProcess  # as Lightning in _train

        with TemporaryDirectory() as folder:
            first = FirstProcess(Path(folder) / "first_process.pt")
            yield [first]
            first.hand_on(self.loggers)

    def _strategy(self, module: LightningModule) -> str:
        """That of the settings, by the name that Lightning has for it."""
        in_turn = self.settings.several and not module.automatic_optimization
        return self.settings.strategy + (TAKE_TURNS if in_turn else "")

    def seed_all(self) -> None:
        """Seed Python, NumPy and torch."""
        import torch  # here for the reason of Lightning in _train

        random.seed(self.seed)
        np.random.seed(self.seed)  # noqa: NPY002 - peers draw from it
        torch.manual_seed(self.seed)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Run torch on ``count`` CPU threads; the sums of a reduction depend on it."""
    import torch  # here for the reason of Lightning in Training._train

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
