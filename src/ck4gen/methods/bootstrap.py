"""Reference: real rows drawn with replacement. The noise floor of fidelity, no privacy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.methods.base import Synthesizer
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training


class Bootstrap(Synthesizer):
    """Resample of the training rows."""

    times_copied = True
    contains_real = True
    draws_causes = True
    draws_entry = True

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        pass

    def source(self, draw: Draw) -> np.ndarray:
        """Rows drawn with replacement."""
        return draw.resampled_rows()

    def _sample(self, draw: Draw) -> pd.DataFrame:
        return self.data.train.iloc[self.source(draw)]
