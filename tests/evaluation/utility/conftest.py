import numpy as np
import pandas as pd
import pytest

from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.survival.cox_data import CoxData


@pytest.fixture(scope="session")
def audit():
    """WHAS500: training rows, held-out rows and their schema."""
    data = WHAS500DataModule(split="audit")
    data.setup()
    return data.train, data.holdout, data.schema


@pytest.fixture(scope="session")
def patients():
    """Exponential times with log hazard x, censored uniformly on [0, ``censoring``]."""

    def draw(n, seed, censoring=2.0):
        generator = np.random.default_rng(seed)
        x = generator.normal(size=n)
        times = generator.exponential(np.exp(-x))
        ends = generator.uniform(0, censoring, n) if censoring else np.full(n, np.inf)
        duration, event = np.minimum(times, ends), (times <= ends).astype(int)
        return CoxData(pd.DataFrame({"x": x}), pd.Series(duration), pd.Series(event))

    return draw
