"""The optimisers of all stages, whose learning rates fall to zero along a cosine (our choice)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch.nn import Parameter

from ck4gen.models.muon import Muon


def adam_with_cosine(
    parameters: Iterable[Parameter], learning_rate: float, steps: int
) -> OptimizerLRScheduler:
    """Adam over ``steps``.

    Returns:
        What ``LightningModule.configure_optimizers`` returns.
    """
    return with_cosine(torch.optim.Adam(parameters, learning_rate, fused=True), steps)


def muon_with_cosine(
    parameters: Iterable[Parameter], learning_rate: float, steps: int
) -> OptimizerLRScheduler:
    """:class:`Muon` over ``steps``, likewise."""
    return with_cosine(Muon(parameters, learning_rate), steps)


def with_cosine(optimizer: torch.optim.Optimizer, steps: int) -> OptimizerLRScheduler:
    """Any optimiser over ``steps``, likewise."""
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
