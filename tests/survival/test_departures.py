"""Effects that bend and change in time: their terms, their fit, and who moves them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import fit_cohort
from ck4gen.survival.departures import Departures, departures

SCHEMA = Schema((Column("x", "numeric"), Column("arm", "binary")))


def cohort(seed=0, n=4000, later=0.0, square=0.0):
    """``arm`` has the effect 1 until the time 0.5 and ``later`` after it; ``x`` may be curved."""
    rng = np.random.default_rng(seed)
    x, arm = rng.normal(size=n), rng.integers(0, 2, n)
    base = np.exp(0.5 * x + square * x**2)
    first, left = base * np.exp(arm), rng.exponential(size=n)
    late = 0.5 + (left - 0.5 * first) / (base * np.exp(later * arm))
    time, end = np.where(left < 0.5 * first, left / first, late), rng.uniform(0, 3, n)
    table = {"x": x, "arm": arm, "duration": np.minimum(time, end), "event": (time <= end) * 1}
    return WeightedCohort.of(pd.DataFrame(table), SCHEMA)


def test_bends_are_straight_between_knots_and_effects_change_between_periods():
    beside = Departures({"x": np.array([0.0, 1.0])}, np.array([5.0]), np.array([0.5, 0.25]))
    design = pd.DataFrame({"x": [-1.0, 0.5, 3.0], "arm": [0.0, 1.0, 1.0]})
    early, late = beside.terms(design, 0), beside.terms(design, np.array([1, 1, 0]))
    np.testing.assert_array_equal(early["x bent at 0"], [0, 0.5, 3])
    np.testing.assert_array_equal(early["x bent at 1"], [0, 0, 2])
    assert not early.filter(like="in period 1").any(axis=None)
    np.testing.assert_array_equal(late["arm in period 1"], [-0.25, 0.75, 0])
    assert list(late) == beside.names(list(design))
    assert Departures().terms(design) is design


def test_patients_in_periods_are_the_same_patients():
    rows = cohort(n=500)
    split = Departures(cuts=np.array([0.3, 0.7]), centre=np.zeros(2)).split(rows)
    exposed = split.cohort.duration - split.cohort.entry.clip(0)
    np.testing.assert_allclose(np.bincount(split.patient, exposed), rows.duration)
    np.testing.assert_array_equal(np.bincount(split.patient, split.cohort.event), rows.event)
    ours, theirs = fit_cohort(split.cohort), fit_cohort(rows)
    np.testing.assert_allclose(ours.coefficients, theirs.coefficients, atol=1e-8)


def test_an_effect_that_vanishes_is_found():
    """Within 3.5 standard errors, which one of three estimates exceeds once in 700 times."""
    rows = cohort(1)
    beside = Departures(cuts=np.array([0.5]), centre=rows.mean.to_numpy())
    fit = beside.fit(rows, prior_events=0)
    z = (fit.coefficients["arm in period 1"] + 1) / fit.standard_errors["arm in period 1"]
    assert abs(z) < 3.5
    assert abs(fit.coefficients["arm"] - 1) < 3.5 * fit.standard_errors["arm"]
    assert abs(fit.coefficients["x in period 1"]) < 3.5 * fit.standard_errors["x in period 1"]


@pytest.mark.parametrize("prior", [200, 2000])
def test_a_prior_of_m_events_shrinks_what_d_events_show_by_d_over_d_plus_m(prior):
    """Within a tenth of the effect: the arm varies among events not quite as among rows."""
    rows = cohort(2)
    beside = Departures(cuts=np.array([0.5]), centre=rows.mean.to_numpy())
    free, shrunk = (beside.fit(rows, m).coefficients["arm in period 1"] for m in (0, prior))
    events = rows.event.sum()
    assert shrunk / free == pytest.approx(events / (events + prior), abs=0.1)


def test_no_patient_stands_behind_a_knot_or_time_alone():
    rows = cohort(3, n=600, square=0.3)
    beside = departures(rows, periods=3, group=20)
    for knot in beside.knots["x"]:
        above = (rows.table["x"] > knot).sum()
        assert min(above, len(rows) - above) >= 20
    assert not set(beside.knots["x"]) & set(rows.table["x"])
    happened = rows.duration[rows.event == 1]
    assert np.bincount(np.searchsorted(beside.cuts, happened)).min() > len(happened) / 4
    assert set(beside.knots) == {"x"}
    assert not departures(rows, periods=1, group=20).cuts.size
    assert not departures(rows.where(np.arange(600) < 50), periods=3, group=20).cuts.size


def test_a_curve_is_kept():
    """The likelihood-ratio test of four bends, which chance passes once in a million times."""
    rows = cohort(4, square=0.3)
    beside = departures(rows, periods=1, group=20)
    gain = 2 * (beside.fit(rows, 1).log_likelihood - fit_cohort(rows).log_likelihood)
    assert stats.chi2.sf(gain, 4) < 1e-6


def test_influence_is_what_a_bit_of_a_patient_changes():
    rows = cohort(5, n=400, square=0.2)
    beside = departures(rows, periods=2, group=20)
    influence, step = beside.influence(rows, 30), 1e-4
    for row in (3, 77, 250):
        sides = []
        for sign in (1, -1):
            weight = rows.weight.copy()
            weight[row] += sign * step
            other = WeightedCohort(rows.table, rows.schema, weight)
            sides.append(beside.fit(other, 30).coefficients.to_numpy()[2:])
        found = (sides[0] - sides[1]) / (2 * step)
        scale = np.abs(influence).max(0)
        # the ridge follows the variances of the terms, a second-order matter
        np.testing.assert_allclose(influence[row] / scale, found / scale, atol=0.05)
