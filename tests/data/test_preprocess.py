import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy import stats

from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.encoded_cohort import Batches
from ck4gen.data.normal_scores import NormalScores
from ck4gen.data.numeric_transform import NUMERIC, ROUND_TRIP
from ck4gen.data.record_encoder import RecordEncoder, decimals
from ck4gen.data.schema import Column, Schema
from ck4gen.settings import InputError

SCHEMA = Schema(
    (
        Column("dose", "numeric"),
        Column("visits", "numeric", integer=True),
        Column("ill", "binary"),
        Column("stage", "categorical", levels=("I", "II", "III")),
    )
)


@st.composite
def tables(draw):
    n = draw(st.integers(5, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    scale = draw(st.sampled_from([0.01, 1.0, 1000.0]))
    shift = draw(st.sampled_from([-50.0, 0.0, 50.0]))
    return pd.DataFrame(
        {
            "dose": (generator.normal(shift, 1, n) * scale).round(3),
            "visits": np.r_[0, 1, generator.poisson(4, n - 2)],
            "ill": generator.integers(0, 2, n),
            "stage": generator.choice(["I", "II", "III"], n),
        }
    )


@pytest.mark.parametrize("numeric", NUMERIC)
@settings(max_examples=25, deadline=None)
@given(table=tables())
def test_inverse_undoes_transform(numeric, table):
    encoder = RecordEncoder(SCHEMA, numeric).fit(table)
    record = encoder.transform(table)
    assert record.dtype == np.float32
    assert record.min() >= 0
    assert record.max() <= 1
    back = encoder.inverse(record)
    # the transform's own promise, and half a unit of the last decimal
    unit = 10.0 ** -decimals(table["dose"].to_numpy())
    tolerance = 1.01 * ROUND_TRIP * np.ptp(table["dose"]) + 0.501 * unit
    np.testing.assert_allclose(back["dose"], table["dose"], atol=tolerance)
    pd.testing.assert_frame_equal(back.drop(columns="dose"), table.drop(columns="dose"))


@settings(max_examples=25, deadline=None)
@given(table=tables(), seed=st.integers(0, 1000))
def test_any_network_output_becomes_a_valid_record(table, seed):
    encoder = RecordEncoder(SCHEMA, "boxcox").fit(table)
    output = np.random.default_rng(seed).uniform(-0.2, 1.2, (50, encoder.width))
    decoded = encoder.inverse(output)
    for name in ("dose", "visits"):
        assert decoded[name].between(table[name].min(), table[name].max()).all()
    assert decoded["visits"].dtype == int
    assert set(decoded["ill"]) <= {0, 1}
    assert set(decoded["stage"]) <= {"I", "II", "III"}


def test_box_cox_lambdas_are_the_published_ones():
    """Lambdas of Box-Cox on v + 1 in the authors' Masked Clinical Modelling, WHAS500."""
    data = WHAS500DataModule()
    data.setup()
    encoder = RecordEncoder(data.schema, "boxcox").fit(data.train)
    published = {
        "age": 1.68659, "bmi": 0.15302, "hr": 0.27705, "sysbp": 0.47800, "diasbp": 0.88113,
    }  # fmt: skip
    for name, value in published.items():
        fitted = encoder.pipelines[name].named_steps["powertransformer"].lambdas_[0]
        assert fitted == pytest.approx(value, abs=1e-4)
        assert stats.boxcox(data.train[name] + 1)[1] == pytest.approx(value, abs=1e-4)


def test_normal_scores_spread_ties_over_their_ranks_and_come_back():
    deciles = np.repeat(np.arange(1, 11), 300)[:, None]
    scores = NormalScores().fit(deciles)
    spread = scores.transform(deciles)
    assert (spread == scores.transform(deciles)).all()
    assert len(np.unique(spread)) == 3000
    assert stats.norm.cdf(spread[:300]).max() <= 0.1 <= stats.norm.cdf(spread[300:]).min()
    assert stats.kstest(spread[:, 0], "norm").pvalue > 0.01  # no peak is left
    np.testing.assert_allclose(scores.inverse_transform(spread), deciles)
    other = NormalScores().fit(-deciles).transform(-deciles)  # another column, another spread
    assert abs(stats.spearmanr(spread[:300], other[:300])[0]) < 4 / np.sqrt(300)


def test_normal_scores_of_a_tail_are_normal_and_end_with_it():
    tail = np.random.default_rng(0).lognormal(sigma=3, size=(1000, 1))
    found = NormalScores().fit(tail).transform(np.vstack([tail, [[-1]], [[1e9]]]))[:, 0]
    assert stats.skew(found[:1000]) == pytest.approx(0, abs=1e-6)
    assert found[1000:] == pytest.approx([found[:1000].min(), found[:1000].max()])


def test_unknown_transform_names_the_right_ones():
    with pytest.raises(InputError, match=r"method\.numeric is 'log'; choose one of boxcox"):
        RecordEncoder(SCHEMA, "log")


def test_batches_serve_every_row_once_a_pass_and_no_partial_batch():
    import torch

    tensors = {"row": torch.arange(10)}
    batches = Batches(tensors, batch_size=4, steps=6, seed=0)
    served = [batch["row"] for batch in batches]
    assert [len(rows) for rows in served] == [4] * 6
    for first, second in zip(served[::2], served[1::2], strict=True):
        assert len(set(torch.cat([first, second]).tolist())) == 8
    whole = next(iter(Batches(tensors, batch_size=64, steps=1, seed=0)))
    assert whole["row"].tolist() == list(range(10))


def test_design_expands_categories_against_the_first_level():
    table = pd.DataFrame(
        {"dose": [1.5, 2.5], "visits": [1, 2], "ill": [0, 1], "stage": ["I", "III"]}
    )
    design = SCHEMA.design(table)
    assert list(design) == ["dose", "visits", "ill", "stage[II]", "stage[III]"]
    np.testing.assert_array_equal(design, [[1.5, 1, 0, 0, 0], [2.5, 2, 1, 0, 1]])
