"""What the first of several processes that trained leaves to the one that goes on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only


class FirstProcess(Logger):
    """Keeps its curves and its random state in a file, since it ends with its stage.

    Args:
        file: Where.
    """

    name, version = "first_process", 0

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.curves: list[tuple[dict[str, float], int | None]] = []

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Keep one point of the curves."""
        self.curves.append((metrics, step))

    def log_hyperparams(
        self, params: dict[str, Any] | Namespace, *args: object, **kwargs: object
    ) -> None:
        """A stage has none that the run's own configuration lacks."""

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Write what is kept."""
        torch.save((self.curves, torch.get_rng_state()), self.file)

    def hand_on(self, loggers: Iterable[Logger]) -> None:
        """Set the random state in the process that goes on, and tell its loggers the curves."""
        curves, state = torch.load(self.file, weights_only=True)
        torch.set_rng_state(state)
        for logger in loggers:
            for metrics, step in curves:
                logger.log_metrics(metrics, step)
            logger.save()
