"""Numbers of rules: ten patients stand behind each, and the outermost one decides none."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.round_number import roundest, shortest
from ck4gen.data.rule_cuts import band_cuts, lower_bound, upper_bound
from ck4gen.data.user_table import FrameDataModule

ROWS = 300
LEAST = 10


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def sentences(**columns):
    """The rules of a table, with an outcome that has nothing to do with it."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(columns)
    frame["days"], frame["died"] = rng.integers(1, 900, len(frame)), np.arange(len(frame)) % 2
    data = FrameDataModule(frame, "days", "died")
    data.setup()
    return [rule.sentence for rule in data.schema.rules]


@pytest.mark.parametrize("oldest", [70, 72, 73, 77, 79])
def test_the_oldest_patient_of_a_level_decides_no_cut(rng, oldest):
    age = rng.integers(40, 96, ROWS)
    treated = np.where(age < 70, rng.integers(0, 2, ROWS), 0)
    age[7], treated[7] = oldest, 1
    assert sentences(age=age, treated=treated) == ["treated 1 only with age < 80"]
    age[7] = 84  # breaks it, and makes no other
    assert sentences(age=age, treated=treated) == []


def test_the_lowest_one_neither(rng):
    marker = rng.lognormal(3, 1, ROWS).round(1)
    late = np.where(marker >= 25, rng.integers(0, 2, ROWS), 0)
    for lowest in (24.9, 21.3, 19.9):
        marker[7], late[7] = lowest, 1
        assert sentences(marker=marker, late=late) == ["late 1 only with marker >= 10"]


def test_where_many_share_the_last_value_the_cut_is_right_behind_it(rng):
    age = np.repeat(np.arange(30, 80), 40)
    chosen = rng.random(len(age)) < 0.5
    level, others = age[(age < 57) & chosen], age[(age >= 57) | ~chosen]
    assert upper_bound(level, others, 200, LEAST) == 57
    level, others = age[(age >= 57) & chosen], age[(age < 57) | ~chosen]
    assert lower_bound(level, others, 200, LEAST) == 57
    assert lower_bound(np.append(level, 44), others, 200, LEAST) is None


def test_bands_with_ten_patients_near_either_side_have_exact_cuts(rng):
    age = rng.integers(30, 90, ROWS)
    assert sentences(age=age, old=(age >= 65).astype(int)) == ["old follows from age, cut at 65"]
    many = rng.integers(30, 90, 10 * ROWS)
    rules = sentences(age=many, old=(many >= 57).astype(int))
    assert rules == ["old follows from age, cut at 57"]


def test_a_cut_may_follow_from_a_value_that_ten_patients_share(rng):
    years = np.where(rng.random(ROWS) < 0.5, 0, rng.lognormal(3, 1, ROWS).round(1) + 0.1)
    rules = sentences(years=years, smoker=(years > 0).astype(int))
    assert rules == ["smoker follows from years, cut at 0.1"]
    rules = sentences(years=100 - years, smoker=(years > 0).astype(int))
    assert rules == ["smoker follows from years, cut at 100"]


def test_bands_that_few_patients_part_are_not_held_and_named(rng):
    age = rng.normal(60, 12, ROWS).round(2)
    assert band_cuts([age[age < 61.37], age[age >= 61.37]], LEAST) is None
    with pytest.warns(UserWarning, match="old follows from age, but fewer than 10 patients"):
        rules = sentences(age=age, old=(age >= 61.37).astype(int))
    assert not any("61.3" in rule or "61.4" in rule for rule in rules)


@pytest.mark.filterwarnings("ignore:total follows from")
def test_a_weight_that_few_patients_tell_is_none(rng):
    a, b, extra = rng.integers(0, 40, ROWS), rng.integers(0, 40, ROWS), np.zeros(ROWS, int)
    extra[:4] = 1
    assert not any("total =" in r for r in sentences(a=a, b=b, x=extra, total=a + b + 37 * extra))
    extra[:40] = 1
    assert "total = a + b + 37 x" in sentences(a=a, b=b, x=extra, total=a + b + 37 * extra)


def test_the_factor_of_a_product_has_no_more_digits_than_its_rows_need():
    assert shortest(9999.7, 9998.2, 10003.1) == 10000
    assert shortest(703.07, 703.02, 703.11) == 703.1
    assert shortest(1.5, 1.5, 1.4) is None


@pytest.mark.parametrize(
    ("low", "high", "value", "before", "after"),
    [
        (49.87, 50.02, 50, 0, 100),
        (64, 65, 65, 60, 70),
        (51, 52, 52, 50, 54),
        (55, 56, 56, 55, 58),
        (0.29, 0.3, 0.3, 0.2, 0.4),
        (-0.3, -0.2, -0.2, -0.4, 0),
    ],
)
def test_the_roundest_number_and_those_beside_it(low, high, value, before, after):
    number = roundest(low, high)
    assert (number.value, number.before, number.after) == pytest.approx((value, before, after))


def test_the_roundest_number_may_be_sought_from_above():
    assert roundest(42.5, 49.5, from_above=True).value == 45
    assert roundest(0, 35, from_above=True).value == 20
    assert roundest(1, 1) is None
