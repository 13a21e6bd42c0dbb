"""All training rows, for what a stage takes from them before or after its steps."""

from __future__ import annotations

from pytorch_lightning import LightningModule
from torch import Tensor


def training_rows(module: LightningModule, name: str) -> Tensor:
    """(n, ...) one tensor of the cohort that ``module`` is trained on, on its device."""
    loader = module.trainer.train_dataloader
    if loader is None:
        raise RuntimeError("the rows are there from the start of training on")
    return loader.dataset.tensors[name].to(module.device)
