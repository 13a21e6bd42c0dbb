"""Bends of numerics: their shape, and when they are found."""

import numpy as np
import pandas as pd
import pytest
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


def test_bends_span_the_broken_lines_of_their_knots():
    knots, x = np.array([-1.5, -0.4, 0.4, 1.5]), np.linspace(-3, 3, 50)
    bends = np.column_stack([knots, [-1, -1, 1, 1]])
    ours = Curvature({"x": bends}).widened(pd.DataFrame({"x": x})).to_numpy()
    ends = np.r_[-3, knots, 3]
    theirs = np.column_stack([np.interp(x, ends, each) for each in np.eye(6)])
    design = np.column_stack([np.ones(50), ours])
    rest = theirs - design @ np.linalg.lstsq(design, theirs, rcond=None)[0]
    assert np.abs(rest).max() < 1e-10


def test_an_effect_that_ends_in_the_tail_is_found():
    """All of the curve lies beyond the 95 % quantile, where a long tail is."""
    rows = cohort(3, lambda x: 0.5 * np.minimum(np.expm1(x), 5), n=4000)
    table = rows.table.assign(x=np.expm1(rows.table["x"]))
    found = curvature(WeightedCohort.of(table, rows.schema), group=20, significance=0.05)
    assert "x" in found.bends
    assert found.bends["x"][:, 0].max() > table["x"].quantile(0.98)


def test_knots_lie_farther_out_the_more_patients_there_are():
    few, many = (
        curvature(cohort(1, lambda x: 0.6 * x**2, n), 20, 0.05).bends["x"][:, 0]
        for n in (500, 4000)
    )
    assert len(few) == 4
    assert len(many) == 6
    assert many[0] < few[0]
    assert few[-1] < many[-1]


def test_a_curve_is_found_and_fitted_as_any_covariate():
    rows = cohort(1, lambda x: 0.6 * x**2)
    found = curvature(rows, group=10, significance=0.05)
    assert list(found.bends) == ["x"]
    fit = found.fit(rows)
    again = fit_cox(found.widened(rows.design), rows.table["duration"], rows.table["event"])
    pd.testing.assert_series_equal(fit.coefficients, again.coefficients)
    assert not set(found.bends["x"][:, 0]) & set(rows.table["x"])  # averages, no patient's value
    assert curvature(rows, group=10, significance=0).bends == {}


def test_straight_effects_are_found_curved_as_often_as_the_level_says():
    """60 tests at 0.05; more than 9 have a probability of 0.1 %."""
    found = [curvature(cohort(seed, lambda x: x), 10, 0.05).bends for seed in range(30)]
    assert sum(map(len, found)) <= binom.ppf(0.999, 60, 0.05)


def test_a_column_bends_between_its_values_only():
    rows = cohort(1, lambda x: 0.6 * x**2, n=2000)
    steps = rows.table.assign(x=rows.table["x"].round().clip(-1, 1))
    found = curvature(WeightedCohort.of(steps, rows.schema), 10, 0.05)
    np.testing.assert_allclose(
        found.bends["x"][:, 0], [0]
    )  # two values have one slope, three a bend
    halves = rows.table.assign(x=(rows.table["x"] > 0).astype(float))
    assert "x" not in curvature(WeightedCohort.of(halves, rows.schema), 10, 0.5).bends


@pytest.mark.parametrize("constant", ["x", "arm"])
def test_without_a_straight_model_there_is_none(constant):
    rows = cohort(1, lambda x: 0.6 * x**2)
    table = rows.table.assign(**{constant: 1})
    assert curvature(WeightedCohort.of(table, rows.schema), 10, 0.05).bends == {}
