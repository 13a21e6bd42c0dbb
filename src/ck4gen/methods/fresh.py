"""Reference: the held-out patients, what a perfect and private generator would score."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.methods.base import Synthesizer
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training
from ck4gen.settings import InputError, NotApplicable


class Fresh(Synthesizer):
    """Held-out real rows, each at most once; audit runs only."""

    contains_real = True
    draws_causes = True
    draws_entry = True

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        if data.holdout is None:
            raise NotApplicable("method=fresh needs held-out patients; run it with split=audit")
        self.holdout = data.holdout

    def sample(self, n: int | None = None, seed: int = 0) -> pd.DataFrame:
        """Held-out rows in random order; ``n`` of them at most, all of them by default.

        Raises:
            InputError: ``n`` is more than the held-out rows.
        """
        rows = len(self.holdout)
        if n is not None and n > rows:
            raise InputError(f"n_samples is {n}, but only {rows} patients are held out")
        return super().sample(rows if n is None else n, seed)

    def _sample(self, draw: Draw) -> pd.DataFrame:
        order = np.random.default_rng(draw.seed).permutation(len(self.holdout))
        return self.holdout.iloc[order[: draw.n]]
