from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import DURATION, EVENT, Column, Schema

SCHEMA = Schema(
    (
        Column("age", "numeric"),
        Column("marker", "numeric"),
        Column("ill", "binary"),
        Column("stage", "categorical", levels=("I", "II", "III")),
    )
)


def _simulated(n, seed):
    generator = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": generator.normal(60, 10, n).round(),
            "marker": generator.lognormal(0, 0.5, n).round(2),
            "ill": generator.integers(0, 2, n),
            "stage": generator.choice(["I", "II", "III"], n),
        }
    )
    risk = 0.04 * (table["age"] - 60) + 0.5 * table["ill"] + 0.4 * (table["stage"] == "III")
    time = generator.exponential(900 * np.exp(-risk))
    limit = generator.uniform(100, 2000, n)
    return table.assign(
        **{DURATION: np.minimum(time, limit).round() + 1, EVENT: (time <= limit).astype(int)}
    )


@pytest.fixture(scope="session")
def quick(full):
    """The whole audit with fewer resamples."""
    privacy = replace(full.privacy, permutations=200, bootstraps=100, power_replicates=0)
    return replace(full, privacy=privacy)


def _parts(table, *shares, seed):
    """Disjoint random parts of a cohort."""
    order = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    ends = (np.cumsum(shares) * len(order)).round().astype(int)
    return [order.iloc[a:b].reset_index(drop=True) for a, b in zip([0, *ends], ends, strict=False)]


def _world(kind, table, schema, seed):
    """Training rows, synthetic rows, held-out rows and source of one kind of generator."""
    generator = np.random.default_rng(seed)
    if kind == "fresh":  # a third table: neither trained on nor the control
        real, synthetic, holdout = _parts(table, 0.41, 0.41, 0.18, seed=seed)
        return real, synthetic, holdout, None
    real, holdout = _parts(table, 0.7, 0.3, seed=seed)
    if kind == "bootstrap":
        source = generator.integers(0, len(real), len(real))
        return real, real.iloc[source].reset_index(drop=True), holdout, source
    blocks = [[name] for name in schema.names] + [[DURATION, EVENT]]
    orders = [generator.permutation(len(real)) for _ in blocks]
    columns = [real[b].iloc[o].reset_index(drop=True) for b, o in zip(blocks, orders, strict=True)]
    return real, pd.concat(columns, axis=1), holdout, None


@pytest.fixture(scope="session")
def simulated():
    """A function of rows and seed, and the schema of its tables."""
    return _simulated, SCHEMA


@pytest.fixture(scope="session")
def world():
    return _world
