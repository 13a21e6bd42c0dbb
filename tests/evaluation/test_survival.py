import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.survival import km_divergence, survival
from ck4gen.survival.kaplan_meier import curve_difference, kaplan_meier, observed_since


def table(duration, event, arm=None):
    columns = {"duration": duration, "event": event}
    return pd.DataFrame(columns if arm is None else {"arm": arm, **columns})


def test_kaplan_meier_by_hand():
    """Four rows: event at 1, censored at 2, events at 3 and 4."""
    curve = kaplan_meier(table([1, 2, 3, 4], [1, 0, 1, 1]))
    np.testing.assert_allclose(curve.at(np.array([0, 0.9, 1, 2.5, 3, 4, 9])), [
        1, 1, 0.75, 0.75, 0.375, 0, 0,
    ])  # fmt: skip


def test_divergence_by_hand():
    """S_R = 1 on [0, 2), 0 on [2, 4); S_S = 1 on [0, 1), .5 on [1, 3), then 0; T = 4."""
    real = table([2, 2, 4], [1, 1, 0])  # 1/3 survive to 4
    synthetic = table([1, 3], [1, 1])
    gaps = (1 - 0.5) * 1 + abs(1 / 3 - 0.5) * 1 + (1 / 3 - 0) * 1
    assert km_divergence(real, synthetic) == pytest.approx(gaps / 4)
    signed = -(1 - 0.5) + (0.5 - 1 / 3) - 1 / 3
    curves = kaplan_meier(real), kaplan_meier(synthetic)
    assert curve_difference(*curves, 4.0, absolute=False) == pytest.approx(signed)


def test_synthetic_times_past_the_last_real_one_are_cut():
    real = table([1, 2], [1, 0])
    synthetic = table([1, 50], [1, 1])
    assert km_divergence(real, synthetic) == 0


def test_events_on_day_zero_are_legal():
    curve = kaplan_meier(table([0, 0, 5, 9], [1, 1, 1, 0]))
    assert curve.at(np.array([0.0]))[0] == 0.5


@st.composite
def outcomes(draw):
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(2, 60))
    return table(generator.integers(0, 30, n), np.r_[1, generator.integers(0, 2, n - 1)])


@settings(max_examples=50, deadline=None)
@given(real=outcomes(), synthetic=outcomes())
def test_divergence_bounds_its_signed_form(real, synthetic):
    horizon = float(real["duration"].max())
    if horizon == 0:
        return
    distance = km_divergence(real, synthetic)
    curves = kaplan_meier(real), kaplan_meier(synthetic)
    assert abs(curve_difference(*curves, horizon, absolute=False)) / horizon <= distance + 1e-12
    assert 0 <= distance <= 1
    assert km_divergence(real, real) == 0


def test_groups_see_what_the_whole_hides(full):
    """Arms swapped: the marginal curve is the same, the curves by arm are not."""
    generator = np.random.default_rng(0)
    n = 400
    arm = np.repeat([0, 1], n // 2)
    real = table(generator.exponential(1 + 4 * arm) * 100, np.ones(n, int), arm)
    swapped = real.assign(arm=1 - arm)
    schema = Schema((Column("arm", "binary"),))
    found = survival(real, swapped, schema, full)
    assert found["survival/km_divergence"].value == 0
    assert found["survival/km_by_group"].value > 0.1
    assert found["survival/logrank_p"].value == pytest.approx(1)
    few = survival(real, swapped[swapped["arm"] == 0], schema, full)
    assert few["survival/km_by_group_skipped"].value == 1


def test_short_sightedness_and_restricted_mean(full):
    schema = Schema((Column("arm", "binary"),))
    real = table([100, 200], [1, 1], [0, 1])
    found = survival(real, table([50, 100], [1, 1], [0, 1]), schema, full)
    assert found["survival/short_sightedness"].value == pytest.approx(0.5)
    assert found["survival/rmst_diff"].value == pytest.approx(75 - 150)
    assert found["survival/km_by_group"].reason == "no group has 20 rows in both tables"


def test_curves_of_patients_who_enter_late_begin_where_enough_are_at_risk():
    """Two enter at 0, one dies alone at 1; ten more enter at 2, of whom half live to 5."""
    entry = [0, 0] + [2] * 10
    late = table([1, 9] + [3] * 5 + [9] * 5, [1] + [0] + [1] * 5 + [0] * 5).assign(entry=entry)
    assert kaplan_meier(late).at(np.array([1.0]))[0] == 0.5  # of two
    assert observed_since(late, 5) == 2
    assert observed_since(late.drop(columns="entry"), 5) is None
    curve = kaplan_meier(late, since=2)
    np.testing.assert_allclose(curve.at(np.array([2.0, 3.0, 8.0])), [1, 6 / 11, 6 / 11])
    with pytest.raises(ValueError, match="12 patients are never at risk at once"):
        observed_since(late, 12)
    everybody = table(late["duration"], late["event"]).assign(entry=0)  # as one who forgets it
    gap = (6 / 11 - kaplan_meier(everybody, since=3).at(np.array([3.0]))[0]) * 6
    assert km_divergence(late, everybody, since=3) == pytest.approx(abs(gap) / 6)
