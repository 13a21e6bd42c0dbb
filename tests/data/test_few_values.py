"""No value that a table shows is that of few patients, and the mean stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ck4gen.data.few_values import few_values

GROUP = 10


@pytest.mark.parametrize(
    ("values", "counts", "shown"),
    [
        ([0, 13, 17, 22, 28, 31, 40, 44, 50, 57, 59], [190, *[1] * 10], [0, 36.1]),
        ([0, 1, 9, 14, 21, 33, 48, 52, 61, 75, 90], [150, 40, *[1] * 8, 2], [0, 1, 49.3]),
        ([0, 1, 2, 3, 4, 7, 9], [120, 40, 28, 3, 2, 2, 5], [0, 1, 2, 76 / 12]),
        ([1, 2, 3, 9], [50, 3, 40, 5], [1, 3]),  # too few beside common ones: the nearest of them
    ],
)
def test_the_value_of_one_patient_stands_for_nobody(values, counts, shown):
    column = np.repeat(np.array(values, float), counts)
    found = few_values(column, np.ones(len(column)), GROUP)
    assert np.unique(found).tolist() == pytest.approx(shown)


def test_a_heavier_patient_counts_more():
    column = np.repeat([0.0, 5, 9], [20, 9, 1])
    weight = np.where(column == 9, 3.0, 1.0)
    assert few_values(column, weight, GROUP).max() == pytest.approx((45 + 27) / 12)


@given(st.lists(st.integers(0, 8), min_size=GROUP, max_size=80), st.integers(0, 2**32 - 1))
def test_each_value_stands_for_ten_patients_or_is_common(values, seed):
    column = np.array(values, float)
    weight = np.random.default_rng(seed).uniform(0.5, 1.5, len(column))
    found = few_values(column, weight, GROUP)
    distinct, count = np.unique(found, return_counts=True)
    assert (count >= GROUP).all()
    rare = {v for v in distinct if 0 < (column == v).sum() < GROUP}
    for value in rare:  # by chance alone: as the average of ten patients
        members = column[found == value]
        assert value == pytest.approx(np.average(members, weights=weight[found == value]))
    order = np.argsort(column, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
