"""One progress bar a training stage, on a terminal."""

from __future__ import annotations

from pytorch_lightning import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import Progress


class StageBar(Callback):
    """Shows the optimiser steps of one stage; Lightning's own bar starts anew every epoch.

    Args:
        stage: Name of the stage.
        steps: Optimiser steps of the stage.
    """

    def __init__(self, stage: str, steps: int) -> None:
        self.stage = stage
        self.steps = steps

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Open the bar."""
        self.bar = Progress(console=Console(stderr=True))
        self.bar.start()
        self.task = self.bar.add_task(self.stage, total=self.steps)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Move the bar."""
        self.bar.update(self.task, completed=trainer.global_step)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Close the bar, also when training fails."""
        if hasattr(self, "bar"):
            self.bar.stop()
