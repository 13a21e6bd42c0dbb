"""Splines of numerics: their shape, and when they are found."""

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline
from scipy.stats import binom

from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import fit_cox
from ck4gen.survival.curvature import Curvature, curvature


def cohort(seed, effect, n=400):
    """Two numerics and a 0/1 column; ``effect`` of the first on the log hazard."""
    rng = np.random.default_rng(seed)
    x, other, arm = rng.normal(size=n), rng.normal(size=n), rng.integers(0, 2, n)
    time = rng.exponential(np.exp(-effect(x) - 0.5 * other - 0.3 * arm))
    end = rng.uniform(0, 3, n)
    table = pd.DataFrame(
        {
            "x": x,
            "other": other,
            "arm": arm,
            "duration": np.minimum(time, end),
            "event": (time <= end).astype(int),
        }
    )
    numerics = [Column(name, "numeric") for name in ("x", "other")]
    return WeightedCohort.of(table, Schema((*numerics, Column("arm", "binary"))))


def test_a_spline_spans_the_natural_cubic_splines_of_its_knots():
    knots, x = np.array([-1.5, -0.4, 0.4, 1.5]), np.linspace(-1.5, 1.5, 50)
    ours = Curvature({"x": knots}).widened(pd.DataFrame({"x": x})).to_numpy()
    theirs = CubicSpline(knots, np.eye(4), bc_type="natural")(x)
    design = np.column_stack([np.ones(50), ours])
    rest = theirs - design @ np.linalg.lstsq(design, theirs, rcond=None)[0]
    assert np.abs(rest).max() < 1e-10


def test_a_spline_is_straight_beyond_its_outer_knots():
    grid = pd.DataFrame({"x": np.array([2.0, 3.0, 4.0, -2.0, -3.0, -4.0])})
    bends = Curvature({"x": np.array([-1.0, -0.3, 0.3, 1.0])}).widened(grid).iloc[:, 1:].to_numpy()
    np.testing.assert_allclose(bends[0] - bends[1], bends[1] - bends[2])
    np.testing.assert_allclose(bends[3:], 0)


def test_a_curve_is_found_and_fitted_as_any_covariate():
    rows = cohort(1, lambda x: 0.6 * x**2)
    found = curvature(rows, group=10, significance=0.05)
    assert list(found.knots) == ["x"]
    fit = found.fit(rows)
    again = fit_cox(found.widened(rows.design), rows.table["duration"], rows.table["event"])
    pd.testing.assert_series_equal(fit.coefficients, again.coefficients)
    assert not set(found.knots["x"]) & set(rows.table["x"])  # averages, no patient's value
    assert curvature(rows, group=10, significance=0).knots == {}


def test_straight_effects_are_found_curved_as_often_as_the_level_says():
    """60 tests at 0.05; more than 9 have a probability of 0.1 %."""
    found = [curvature(cohort(seed, lambda x: x), 10, 0.05).knots for seed in range(30)]
    assert sum(map(len, found)) <= binom.ppf(0.999, 60, 0.05)


def test_a_column_of_few_values_has_no_spline():
    rows = cohort(1, lambda x: 0.6 * x**2)
    table = rows.table.assign(x=rows.table["x"].round().clip(0, 1))
    assert curvature(WeightedCohort.of(table, rows.schema), 10, 0.5).knots.keys() <= {"other"}


@pytest.mark.parametrize("constant", ["x", "arm"])
def test_without_a_straight_model_there_is_none(constant):
    rows = cohort(1, lambda x: 0.6 * x**2)
    table = rows.table.assign(**{constant: 1})
    assert curvature(WeightedCohort.of(table, rows.schema), 10, 0.05).knots == {}
