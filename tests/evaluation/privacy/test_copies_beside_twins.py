"""Copies where nobody was held out: told from rows that meet by chance."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.evaluation.privacy.audit import leaks

SCHEMA = Schema((Column("code", "numeric", integer=True),))


def table(codes):
    return pd.DataFrame({"code": codes, DURATION: 1.0, EVENT: 1})


def excess(real, synthetic, settings):
    return leaks(table(real), table(synthetic), None, None, SCHEMA, settings)["privacy/leak/copies"]


@pytest.fixture
def real():
    """1,000 patients of 20,000 codes: 5 % equal another one."""
    return np.random.default_rng(0).integers(0, 20000, 1000)


def test_a_table_of_few_frequent_rows_is_no_table_of_copies(real, quick):
    """Independent rows, half of them among a tenth of the codes that are as rare for patients."""
    generator, shown = np.random.default_rng(1), 0
    frequent = generator.permutation(20000)[:2000]
    for _ in range(20):
        rows = np.where(
            generator.random(1000) < 0.5,
            generator.choice(frequent, 1000),
            generator.integers(0, 20000, 1000),
        )
        shown += excess(real, rows, quick).low > 0
    assert shown <= 2


def test_one_copy_in_ten_is_seen(real, quick):
    generator = np.random.default_rng(2)
    rows = generator.integers(0, 20000, 1000)
    rows[:100] = generator.permutation(real)[:100]
    found = excess(real, rows, quick)
    assert found.value == pytest.approx(0.1, abs=0.03)
    assert found.low > 0
    assert excess(real, real, quick).low > 0.5


def test_the_chance_is_the_geometric_mean_of_both_shares_of_twins(quick):
    """By hand: 2 of 4 patients are twins, 4 of 4 rows; the root of 1/2 is taken off 1/2."""
    found = excess([1, 1, 2, 3], [1, 1, 9, 9], quick)
    assert found.value == pytest.approx(0.5 - np.sqrt(0.5))
