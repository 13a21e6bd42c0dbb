"""The optimiser that all stages share."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch.nn import Parameter


def adam_with_cosine(
    parameters: Iterable[Parameter], learning_rate: float, steps: int
) -> OptimizerLRScheduler:
    """Adam whose learning rate falls to zero along a cosine over ``steps`` (our choice).

    Returns:
        What ``LightningModule.configure_optimizers`` returns.
    """
    return with_cosine(torch.optim.Adam(parameters, learning_rate, fused=True), steps)


def with_cosine(optimizer: torch.optim.Optimizer, steps: int) -> OptimizerLRScheduler:
    """An optimiser whose learning rate falls to zero along a cosine over ``steps``, likewise."""
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
