"""Blanks of a long table are filled by models of some of its rows."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.mixed_imputer import MixedImputer
from ck4gen.data.schema import Column, Schema

SCHEMA = Schema((Column("age", "numeric"), Column("weight", "numeric"), Column("sex", "binary")))
ROWS = 3000


@pytest.fixture
def table():
    """Weight follows from age and sex, and a fifth of it is blank."""
    rng = np.random.default_rng(0)
    age, sex = rng.normal(60, 10, ROWS), rng.integers(0, 2, ROWS)
    weight = 40 + 0.5 * age + 10 * sex + rng.normal(0, 2, ROWS)
    outcome = {"duration": 1.0, "event": 1}
    whole = pd.DataFrame({"age": age, "weight": weight, "sex": sex}).assign(**outcome)
    return whole, whole.assign(weight=whole["weight"].mask(rng.random(ROWS) < 0.2))


def filled(blanks, most_rows):
    return MixedImputer(SCHEMA, 0, most_rows).fit(blanks).transform(blanks)


def test_some_rows_fill_the_blanks_of_all_about_as_well(table):
    whole, blanks = table
    blank = blanks["weight"].isna()
    made = filled(blanks, 500)
    assert made.notna().all(axis=None)
    assert (made["weight"][~blank] == whole["weight"][~blank]).all()
    off = (made["weight"] - whole["weight"])[blank]
    assert abs(off.mean()) < 0.5
    assert off.std() == pytest.approx(2 * np.sqrt(2), rel=0.1)  # drawn, not the mean


def test_a_table_of_no_more_rows_is_filled_by_all_of_them(table):
    _, blanks = table
    assert filled(blanks, ROWS).equals(filled(blanks, 10 * ROWS))
    assert not filled(blanks, ROWS).equals(filled(blanks, ROWS - 1))
