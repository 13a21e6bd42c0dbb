"""Round numbers: found where they are preferred, kept as often, and never made up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ck4gen.data.heaps import Heaps
from ck4gen.data.quantile_map import QuantileFunction

GROUP, EXCESS = 10, 5


def of(values):
    return QuantileFunction(values, np.ones(len(values)), GROUP, few=12, excess=EXCESS)


def drawn(function, number):
    """Values at evenly spread shares, heaped as a table has them."""
    return function.heaped(function((np.arange(number) + 0.5) / number))


def share_on(values, step):
    return np.isclose(values / step, np.round(values / step), atol=1e-6).mean()


def pressures(generator, number=3000, tens=0.3, fives=0.2):
    exact = generator.normal(140, 30, number)
    step = generator.choice([10, 5, 1], number, p=[tens, fives, 1 - tens - fives])
    return np.round(exact / step) * step


def test_preferred_grids_are_found_and_as_many_values_lie_on_each():
    values = pressures(np.random.default_rng(0))
    function = QuantileFunction(values, np.ones(3000), 200, excess=EXCESS)  # no value stands alone
    assert function.heaps.steps == (1, 5, 10)
    made = np.round(drawn(function, 3000))
    for step in (5, 10):
        assert share_on(made, step) == pytest.approx(share_on(values, step), abs=0.02)
    # 0.02: parts are kept to 0.01, and the quantile function has no noise of its own here
    assert made.mean() == pytest.approx(values.mean(), abs=0.3)
    assert made.std() == pytest.approx(values.std(), rel=0.02)


def test_without_a_preference_there_are_none():
    generator = np.random.default_rng(1)
    for _ in range(20):
        assert of(np.round(generator.normal(140, 30, 1000))).heaps == Heaps()
    assert of(generator.normal(size=1000)).heaps == Heaps()


def test_a_pile_at_the_limit_of_detection_is_no_grid():
    values = np.r_[np.zeros(400), np.round(np.random.default_rng(2).uniform(1, 200, 600))]
    assert of(values).heaps == Heaps()


def test_what_fewer_than_ten_patients_have_is_not_kept():
    generator = np.random.default_rng(3)
    months = np.round(generator.gamma(2, 15, 1000)) + 3.0
    months[:6] += 0.5  # six with half months
    made = drawn(of(months), 1000)
    assert share_on(made, 1) == 1
    months[:100] += 0.5
    assert share_on(np.round(drawn(of(months), 1000), 1), 1) == pytest.approx(0.9, abs=0.03)


def test_a_value_that_ten_patients_share_keeps_its_share_and_one_of_nine_does_not():
    generator = np.random.default_rng(4)
    values = generator.uniform(0, 100, 400)
    values[:30], values[30:39] = 50.125, 70.0625
    made = drawn(of(values), 4000)
    assert (made == 50.125).mean() == pytest.approx(30 / 400, abs=0.001)
    assert (made == 70.0625).mean() < 0.002


def test_weights_of_patients_move_the_shares():
    values = np.r_[np.full(20, 5.5), np.random.default_rng(5).uniform(0, 10, 180)]
    weight = np.r_[np.full(20, 2.0), np.ones(180)]
    function = QuantileFunction(values, weight, GROUP, excess=EXCESS)
    assert (drawn(function, 2200) == 5.5).mean() == pytest.approx(40 / 220, abs=0.002)


def test_too_few_patients_at_an_end_are_averaged_with_the_value_beside_them():
    values = np.r_[np.full(50, 10.0), np.arange(11, 200.0), [400.0, 500.0]]
    function = of(values)
    assert function.knots.max() < 500
    assert function.knots.min() == 10  # fifty patients have the least
    below = of(np.r_[[1.0], values])
    assert below.knots.min() > 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0, 1]), st.floats(0, 0.6))
def test_heaped_values_keep_their_order_and_their_range(seed, digits, tens):
    values = np.round(pressures(np.random.default_rng(seed), 300, tens, 0.1), digits)
    function = of(values)
    made = drawn(function, 500)
    assert (np.diff(made) >= -1e-9).all()
    assert made.min() >= function.knots[0] - 1e-9
    assert made.max() <= function.knots[-1] + 1e-9
    again = QuantileFunction.from_state(function.to_state())
    assert (drawn(again, 500) == made).all()


def test_no_excess_leaves_the_function_as_it_was():
    """By hand: two groups of two, their middles at 1/4 and 3/4; the slope would leave the range."""
    function = QuantileFunction(np.array([1.0, 1.0, 3.0, 5.0]), np.ones(4), 2)
    assert function.knots.tolist() == [1.0, 4.0]
    assert function.shares.tolist() == [0.25, 0.75]
    assert function.heaped(np.array([1.23])).tolist() == [1.23]


def test_slopes_are_those_of_the_function_without_its_steps():
    values = np.r_[np.full(40, 5.0), np.random.default_rng(6).uniform(0, 10, 160)]
    function = of(np.round(values, 1))
    shares = np.linspace(0.05, 0.95, 200)
    exact, smooth = function(shares), function.smooth(shares)
    assert (np.diff(exact) == 0).sum() > 30  # a fifth of the patients have 5.0
    assert (np.diff(smooth) > 0).all()
    assert np.abs(smooth - exact).max() < 0.6  # half a step and the knot beside it
