"""Reference: every covariate shuffled on its own. Right marginals, no dependence: the floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import Synthesizer, draw_rows
from ck4gen.models.training.training import Training


class Independent(Synthesizer):
    """Columns of the training rows, each in an order of its own; outcome pairs stay together."""

    times_copied = True

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        pass

    def _sample(self, n: int, source: np.ndarray | None, seed: int) -> pd.DataFrame:
        train = self.data.train
        # as many rows as trained on: every value once
        drawn = None if n == len(train) else n
        blocks = [[name] for name in self.data.schema.names] + [[DURATION, EVENT]]
        return pd.concat(
            [
                train[block].iloc[draw_rows(len(train), drawn, [seed, at])].reset_index(drop=True)
                for at, block in enumerate(blocks)
            ],
            axis=1,
        )
