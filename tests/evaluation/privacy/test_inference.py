import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.privacy.attribute_inference import attribute_success, outcome_success
from ck4gen.evaluation.privacy.nearest_rows import distinct_rows
from ck4gen.evaluation.privacy.permutation_advantage import advantages, null_gains

SCHEMA = Schema((Column("dose", "numeric"), Column("stage", "categorical", levels=("I", "II"))))


def table(*rows):
    return pd.DataFrame(rows, columns=["dose", "stage", "duration", "event"])


REAL = table((0.0, "I", 5, 1), (2.0, "II", 9, 0))  # SD of dose: sqrt 2


def test_read_off_the_row_of_the_same_outcome_by_hand():
    synthetic = table((1.0, "I", 5, 1), (1.0, "II", 5, 1), (3.0, "I", 7, 0), (8.0, "II", 4, 0))
    targets = table(
        (1.1, "I", 5, 1),  # two rows tie: dose right in both (.07 SD), stage in one
        (1.2, "II", 5, 1),  # .14 SD away: dose wrong
        (3.0, "I", 9, 0),  # the nearest time with the same event
        (1.0, "I", 4, 1),  # never the censored row of that very time
    )
    found = outcome_success(synthetic, targets, REAL, SCHEMA, 0.1)
    assert found == pytest.approx(np.array([[1, 0.5], [0, 0.5], [1, 1], [1, 0.5]]))


def test_read_off_the_row_nearest_in_the_others_by_hand():
    synthetic = table((1.0, "I", 5, 1), (3.0, "II", 5, 1), (3.05, "II", 5, 1))
    targets = table((2.9, "II", 1, 1), (1.0, "I", 1, 1), (3.0, "I", 1, 1))
    found = attribute_success(synthetic, targets, REAL, SCHEMA, 0.1)
    # dose from stage: rows of that stage, of which 3.05 is .11 SD off; stage from the nearest dose
    assert found == pytest.approx(np.array([[0.5, 1], [1, 1], [0, 0]]))


def test_one_covariate_leaves_nothing_to_know():
    schema = Schema((Column("dose", "numeric"),))
    with pytest.raises(ValueError, match="one covariate only"):
        attribute_success(REAL, REAL, REAL, schema, 0.1)


def test_the_worst_of_many_covariates_rarely_excludes_zero_by_chance():
    """The interval of the maximum allows for 20 covariates; those of each do not."""
    generator = np.random.default_rng(0)
    train = np.arange(300) < 200
    alarms, single = 0, 0
    for seed in range(100):
        success = generator.integers(0, 2, (300, 20)).astype(float)
        null = null_gains(success, train, 200, seed)
        found = advantages("a", [f"x{i}" for i in range(20)], success, train, null, 0.95)
        alarms += found["a"].low > 0
        single += any(metric.low > 0 for name, metric in found.items() if name != "a")
    # two-sided at 5 %: at most 2.5 expected above, SD 1.6
    assert alarms <= 8
    assert single > 20


def test_a_covariate_may_be_called_power():
    success = np.ones((4, 1))
    train = np.array([True, True, False, False])
    null = null_gains(success, train, 20, 0)
    assert list(advantages("a", ["power"], success, train, null, 0.95)) == [
        "a", "a/power (covariate)",
    ]  # fmt: skip


def test_equal_rows_are_one_in_the_order_of_numpy():
    rows = np.random.default_rng(0).integers(-2, 3, (500, 3)).astype(float)
    distinct, which = distinct_rows(rows)
    expected, inverse = np.unique(rows, axis=0, return_inverse=True)
    assert (distinct == expected).all()
    assert (which == inverse.ravel()).all()
