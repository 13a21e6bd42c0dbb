"""A method of your own: a Gaussian copula, run, swept, audited and reported like the others.

ck4gen train method=own method._target_=gaussian_copula.GaussianCopula \
        method.name=gaussian_copula data=whas500
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from ck4gen import InputError, Synthesizer
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, Column
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training


class GaussianCopula(Synthesizer):
    """Marginals of the training rows, joined by the correlations of their normal scores.

    Duration and event are two more columns. A numeric value is interpolated between real
    quantiles; a category is a cut of its normal score.

    Args:
        shrinkage: Share by which correlations are moved towards 0.

    Raises:
        InputError: A value is wrong.
    """

    def __init__(self, shrinkage: float = 0.01) -> None:
        super().__init__()
        if not 0 <= shrinkage <= 1:
            raise InputError(f"method.shrinkage is {shrinkage}; it is a share from 0 to 1")
        self.shrinkage = shrinkage

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        train = data.train
        self.schema = data.schema.with_outcome(pd.api.types.is_integer_dtype(train[DURATION]))
        generator = np.random.default_rng(training.seed)
        self.columns = {c.name: np.sort(_codes(train[c.name], c)) for c in self.schema}
        scores = [_normal_scores(_codes(train[c.name], c), generator) for c in self.schema]
        correlation = np.corrcoef(np.array(scores))
        unrelated = np.eye(len(correlation))
        mixed = (1 - self.shrinkage) * correlation + self.shrinkage * unrelated
        self.factor = np.linalg.cholesky(mixed)
        self.n_parameters = len(correlation) * (len(correlation) - 1) // 2

    def _sample(self, draw: Draw) -> pd.DataFrame:
        noise = np.random.default_rng(draw.seed).normal(size=(draw.n, len(self.factor)))
        uniform = norm.cdf(noise @ self.factor.T)
        table = {}
        for column, share in zip(self.schema, uniform.T, strict=True):
            values = self.columns[column.name]
            if column.kind == "numeric":
                table[column.name] = np.interp(share, np.linspace(0, 1, len(values)), values)
                if column.integer:
                    table[column.name] = table[column.name].round().astype(int)
                continue
            codes = values[np.minimum((share * len(values)).astype(int), len(values) - 1)]
            levels = column.levels or (0, 1)
            table[column.name] = np.array(levels, dtype=object)[codes.astype(int)]
        frame = pd.DataFrame(table)
        return frame.astype(dict.fromkeys(self.schema.of_kind("binary"), int))


def _codes(values: pd.Series, column: Column) -> np.ndarray:
    """(n,) numbers; a category is the place of its level."""
    if column.kind == "categorical":
        return values.map({level: place for place, level in enumerate(column.levels)}).to_numpy()
    return values.to_numpy(float)


def _normal_scores(values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(n,) normal scores of the ranks; ties are parted at random."""
    rank = np.empty(len(values))
    rank[np.lexsort([generator.random(len(values)), values])] = np.arange(len(values))
    return norm.ppf((rank + 0.5) / len(values))
