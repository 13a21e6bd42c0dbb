import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.privacy.copies import exact_copies
from ck4gen.evaluation.privacy.gower import coordinates
from ck4gen.evaluation.privacy.linkage import Linkage

SCHEMA = Schema((Column("dose", "numeric"), Column("stage", "categorical", levels=("I", "II"))))


def linked(real, synthetic, source, schema):
    found = Linkage(real, synthetic, np.asarray(source), schema).metric(0.95)
    return found["privacy/self_link"].value


def test_distance_by_hand():
    real = pd.DataFrame({"dose": [0.0, 2.0], "stage": ["I", "II"]})  # SD sqrt 2
    points = coordinates(real, real, SCHEMA)
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(np.sqrt(2 + 1))


def test_a_copy_links_to_itself_whatever_the_ties(whas500, gbsg2):
    for real, schema in (whas500, gbsg2):
        order = np.random.default_rng(0).permutation(len(real))
        copy = real.iloc[order].reset_index(drop=True)
        assert linked(real, copy, order, schema) == pytest.approx(1)


def test_unrelated_rows_link_at_chance(whas500):
    real, schema = whas500
    generator = np.random.default_rng(0)
    rates = [
        linked(
            real,
            real.iloc[generator.permutation(len(real))],
            generator.permutation(len(real)),
            schema,
        )
        for _ in range(10)
    ]
    # matches of a random permutation: mean 1 / n, Poisson noise over 10 draws
    assert np.mean(rates) == pytest.approx(1 / len(real), abs=3 / len(real) / np.sqrt(10))


@pytest.mark.parametrize("dtype", [float, bool, object])
def test_storage_of_a_binary_does_not_move_a_point(dtype):
    schema = Schema((Column("ill", "binary"),))
    real = pd.DataFrame({"ill": [0, 1]})
    points = coordinates(real.astype(dtype), real, schema)
    assert points.tolist() == coordinates(real, real, schema).tolist()
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(1)


def test_ties_share_the_link_by_hand():
    """Rows 0 and 1 are twins, so the copy of 0 scores 1/2 of a perfect 1/2; row 2 is missed."""
    real = pd.DataFrame({"dose": [1.0, 1.0, 5.0, 9.0], "stage": ["I", "I", "I", "II"]})
    synthetic = pd.DataFrame({"dose": [1.0, 9.0], "stage": ["I", "II"]})
    assert linked(real, synthetic, [0, 2], SCHEMA) == pytest.approx((0.5 / 2) / ((0.5 + 1) / 2))


def test_exact_copies_and_their_rate_by_chance(gbsg2):
    real, schema = gbsg2
    found = exact_copies(real.head(400), real, real.tail(286), schema, 0.95)
    assert found["privacy/exact_copy"].value >= 400 / 686
    assert found["privacy/exact_copy_holdout"].value >= 286 / 686
    alone = exact_copies(real, real, None, schema, 0.95)["privacy/exact_copy_holdout"]
    assert alone.value is None
    assert alone.reason == "no patients were held out"
