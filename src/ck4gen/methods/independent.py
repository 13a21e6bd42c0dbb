"""Reference: every covariate shuffled on its own. Right marginals, no dependence: the floor."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import Synthesizer
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training


class Independent(Synthesizer):
    """Columns of the training rows, each in an order of its own; outcome pairs stay together."""

    times_copied = True

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        pass

    def _sample(self, draw: Draw) -> pd.DataFrame:
        train = self.data.train
        blocks = [[name] for name in self.data.schema.names] + [[DURATION, EVENT]]
        return pd.concat(
            [
                train[block].iloc[draw.shuffled_rows(stream)].reset_index(drop=True)
                for stream, block in enumerate(blocks)
            ],
            axis=1,
        )
