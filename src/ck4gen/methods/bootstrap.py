"""Reference: real rows drawn with replacement. The noise floor of fidelity, no privacy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.methods.base import Synthesizer, draw_rows
from ck4gen.models.training.training import Training


class Bootstrap(Synthesizer):
    """Resample of the training rows."""

    times_copied = True
    contains_real = True

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        pass

    def source(self, rows: int, n: int | None, seed: int) -> np.ndarray:
        """Rows drawn with replacement, as many as there are where ``n`` is None."""
        return draw_rows(rows, rows if n is None else n, seed)

    def _sample(self, n: int, source: np.ndarray, seed: int) -> pd.DataFrame:
        return self.data.train.iloc[source]
