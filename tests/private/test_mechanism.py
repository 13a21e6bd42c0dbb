import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ck4gen.private.mechanism import (
    GRID,
    Mechanism,
    accountant,
    drawn,
    in_steps,
    total_epsilon,
    total_mu,
)

ROWS = arrays(
    float,
    st.tuples(st.integers(1, 6), st.integers(1, 4)),
    elements=st.floats(allow_nan=True, allow_infinity=True),
)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.floats(1e-6, 1e6))
def test_no_patient_adds_more_than_the_bound(rows, bound):
    steps = in_steps(rows, bound)
    for row in range(len(rows)):
        without = np.delete(steps, row, axis=0).sum(0)
        change = [int(v) for v in steps.sum(0) - without]  # exact whole numbers
        assert sum(v * v for v in change) <= GRID**2


def test_a_sum_is_right_but_for_its_noise():
    rows = np.random.default_rng(0).normal(size=(300, 4)) / 4
    mechanism = Mechanism(3.0, 1e-5)
    found = np.stack([mechanism_sum(rows) for _ in range(200)])
    noise = mechanism.sum("x", rows, 1.0, 0.5) * 0 + 1.0 / (mechanism.mu * 0.5**0.5)
    assert np.abs(found.mean(0) - rows.sum(0)).max() < 4 * noise[0] / 200**0.5
    # a chi-square of 800 draws: half the noise, or none, is far outside
    assert 0.85 < found.std(0).mean() / noise[0] < 1.15


def mechanism_sum(rows):
    return Mechanism(3.0, 1e-5).sum("x", rows, 1.0, 0.5)


def test_noise_differs_from_draw_to_draw():
    assert (drawn(20, 1e6) != drawn(20, 1e6)).any()


@pytest.mark.parametrize(("epsilon", "mu"), [(1, 0.268), (3, 0.719), (8, 1.67)])
def test_budget_in_mu_has_its_published_values(epsilon, mu):
    assert total_mu(epsilon, 1e-5) == pytest.approx(mu, abs=0.005)
    assert total_epsilon(total_mu(epsilon, 1e-5), 1e-5) == pytest.approx(epsilon, abs=1e-3)


def test_all_releases_together_are_within_the_budget_by_another_accountant():
    mechanism = Mechanism(3.0, 1e-5)
    for share in (0.15, 0.15, 0.1, 0.1, 0.2, 0.3):
        mechanism.sum("x", np.zeros((2, 3)), 2.0, share)
    other = accountant().pld.PLDAccountant()
    for line in mechanism.ledger:
        other.compose(accountant().GaussianDpEvent(line.noise / line.sensitivity))
    assert other.get_epsilon(1e-5) == pytest.approx(3.0, abs=0.01)
    with pytest.raises(RuntimeError, match="more than the budget"):
        mechanism.sum("one more", np.zeros((2, 3)), 2.0, 0.01)
