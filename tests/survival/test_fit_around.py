"""A table whose terms have no estimate is fitted around them."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.survival.cox import CoxError, fit_cox
from ck4gen.survival.fit_around import fit_around


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    design = pd.DataFrame({"age": rng.normal(size=150), "sex": rng.integers(0, 2, 150) * 1.0})
    happens = rng.exponential(np.exp(-0.5 * design["age"]))
    return design, pd.Series(happens.clip(max=2)), pd.Series((happens < 2).astype(int))


def test_a_table_with_all_estimates_is_simply_fitted(table):
    around = fit_around(*table, 0.0, 0.001)
    assert (around.degenerate, around.ridge) == ([], False)
    pd.testing.assert_series_equal(around.fit.coefficients, fit_cox(*table).coefficients)


def test_an_absent_level_leaves_the_others_unchanged(table):
    design, *outcome = table
    around = fit_around(design.assign(rare=0.0), *outcome, 0.0, 0.001)
    assert (around.degenerate, around.ridge) == (["rare"], False)
    pd.testing.assert_series_equal(around.fit.coefficients, fit_cox(*table).coefficients)


@pytest.mark.parametrize("scale", [1.0, 7.0])
def test_a_level_without_an_event_is_named_and_the_others_are_near(table, scale):
    design, duration, event = table
    spared = ((event == 0) & (design["age"] > 0)).astype(float) * scale - 1  # in any units
    around = fit_around(design.assign(spared=spared), duration, event, 0.0, 0.001)
    assert (around.degenerate, around.ridge) == (["spared"], True)
    without = fit_cox(design, duration, event)
    gap = (around.fit.coefficients[["age", "sex"]] - without.coefficients).abs()
    assert (gap < 2 * without.standard_errors).all()


def test_a_copy_is_named_and_left_out(table):
    design, *outcome = table
    around = fit_around(design.assign(again=2 * design["age"] + 1), *outcome, 0.0, 0.001)
    assert around.degenerate == ["again"]
    assert list(around.fit.coefficients.index) == ["age", "sex"]


def test_a_table_without_any_variation_has_no_model(table):
    design, *outcome = table
    with pytest.raises(CoxError, match="every covariate is constant"):
        fit_around(design * 0, *outcome, 0.0, 0.001)


def test_a_small_table_gets_the_ridge_that_it_needs():
    design = pd.DataFrame({"a": [0.0, 0, 0, 0, 1, 1, 1, 1], "b": [0.0, 1, 0, 1, 0, 1, 0, 1]})
    duration, event = pd.Series(np.arange(1.0, 9)), pd.Series([0, 0, 0, 0, 1, 1, 1, 1])
    around = fit_around(design, duration, event, 0.0, 1e-4)
    assert "a" in around.degenerate
    assert np.isfinite(around.fit.coefficients).all()
    with pytest.raises(CoxError, match="no events"):
        fit_around(design, duration, event * 0, 0.0, 1e-4)
