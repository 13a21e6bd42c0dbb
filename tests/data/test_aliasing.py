"""Terms that follow from others are left out of Cox models, and their columns stay."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ck4gen.data.aliasing import aliased, sources, without_aliased
from ck4gen.data.schema import Column, Schema


@pytest.fixture
def items():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(0, 4, (60, 3)), columns=["a", "b", "c"]).astype(float)
    return table.assign(score=table.sum(axis=1), d=rng.normal(size=60))


def test_the_later_term_of_a_sum_is_aliased_and_its_items_are_named(items):
    assert aliased(items) == ["score"]
    assert sources(items, "score", ["score"]) == ["a", "b", "c"]
    # schema order decides, as R's coxph does
    assert aliased(items[["score", "a", "d", "b", "c"]]) == ["c"]


def test_constants_are_aliased_and_follow_from_nothing(items):
    design = items.assign(score=0.1)
    assert aliased(design) == ["score"]
    assert sources(design, "score", ["score"]) == []


def test_near_copies_are_not_aliased(items):
    noise = 1e-4 * np.random.default_rng(1).normal(size=60)
    assert aliased(items.drop(columns="score").assign(copy=items["a"] + noise)) == []


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(0, 4), st.floats(-6, 6))
def test_what_is_kept_has_full_rank_and_spans_the_rest(seed, width, more, power):
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(40, width))
    z = np.hstack([base, base @ rng.normal(size=(width, more))]) * 10.0**power
    design = pd.DataFrame(z).rename(columns=str)
    design = design[rng.permutation(design.columns)]
    kept = [name for name in design if name not in aliased(design)]
    assert len(kept) == width
    assert np.linalg.matrix_rank(design[kept] / 10.0**power, tol=1e-9) == width


def test_the_schema_leaves_dummies_out_and_keeps_the_column():
    rng = np.random.default_rng(2)
    group = rng.choice(["low", "middle", "high"], 90)
    table = pd.DataFrame({"is_high": (group == "high").astype(int), "group": group})
    levels = ("low", "middle", "high")
    schema = Schema((Column("is_high", "binary"), Column("group", "categorical", levels=levels)))
    with pytest.warns(UserWarning, match=r"group\[high\] follows from is_high"):
        reduced = without_aliased(schema, table)
    assert reduced.design_names == ["is_high", "group[middle]"]
    assert list(reduced.design(table)) == reduced.design_names
    assert reduced.names == schema.names
    assert Schema.from_state(reduced.to_state()) == reduced


def test_a_design_with_as_many_terms_as_rows_is_left_to_a_penalty():
    table = pd.DataFrame(np.random.default_rng(3).normal(size=(10, 12))).rename(columns=str)
    schema = Schema(tuple(Column(name, "numeric") for name in table))
    assert without_aliased(schema, table) == schema
