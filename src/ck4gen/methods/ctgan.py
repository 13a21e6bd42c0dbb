"""Baselines: CTGAN and TVAE (Xu et al. 2019) as the package ``ctgan`` has them."""

from __future__ import annotations

import pandas as pd
import torch

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.schema import DURATION
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training
from ck4gen.settings import InputError, at_least, choose, require

NETWORKS = {"ctgan": "CTGAN", "tvae": "TVAE"}


class CTGAN(Synthesizer):
    """A generator of the package ``ctgan`` on covariates and outcome together.

    It trains in a loop of its own; numerics go back to the range and decimals of the real ones.

    Args:
        network: ``ctgan`` or ``tvae``.
        epochs: Passes over the rows.
        batch_size: Rows a step; a multiple of 10, which CTGAN packs into one.

    Raises:
        InputError: A value is wrong, or the package is not installed.
    """

    def __init__(
        self, network: str, epochs: int | None = None, batch_size: int | None = None
    ) -> None:
        super().__init__()
        keys = packaged("ctgan", epochs=epochs, batch_size=batch_size)
        self.network = choose("method.network", network, tuple(NETWORKS))
        self.epochs, self.batch_size = keys["epochs"], keys["batch_size"]
        at_least("method.epochs", self.epochs, 1)
        at_least("method.batch_size", self.batch_size, 10)
        if self.batch_size % 10:
            raise InputError(f"method.batch_size is {self.batch_size}; use a multiple of 10")
        require("ctgan", "peers", f"method={network}")
        import ctgan

        self.build = getattr(ctgan, NETWORKS[network])

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        self.schema = data.schema.with_outcome(pd.api.types.is_integer_dtype(data.train[DURATION]))
        self.record_encoder = RecordEncoder(self.schema, "minmax").fit(data.train)
        limit = training.settings.limit_steps
        per_epoch = max(1, len(data.train) // self.batch_size)
        epochs = self.epochs if limit is None else min(self.epochs, max(1, limit // per_epoch))
        self.model = self.build(
            epochs=epochs,
            batch_size=self.batch_size,
            enable_gpu=training.settings.accelerator != "cpu",
        )
        self.model.set_random_state(training.seed)
        self.model.fit(data.train, self.schema.of_kind("binary", "categorical"))
        networks = [part for part in vars(self.model).values() if isinstance(part, torch.nn.Module)]
        self.n_parameters = sum(p.numel() for part in networks for p in part.parameters())
        self.steps = epochs * per_epoch

    def _sample(self, draw: Draw) -> pd.DataFrame:
        self.model.set_random_state(draw.seed)
        table = self.model.sample(draw.n)
        for column in self.schema:
            if column.kind == "numeric":
                values = table[column.name].to_numpy(float)
                table[column.name] = self.record_encoder.restore(column, values)
        return table
