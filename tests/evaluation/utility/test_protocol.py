"""The 5 x 2 comparison: reference values, planted truths, and the flaws that a protocol has."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ck4gen.config import defaults
from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.augmentation.comparison import binned_risks, compare, difference, metrics
from ck4gen.evaluation.augmentation.halves import halves
from ck4gen.evaluation.augmentation.protocol import (
    Design,
    ProtocolSettings,
    averaged,
    calibration,
    concordance,
)
from ck4gen.evaluation.groups import groups
from ck4gen.evaluation.utility.models import coxph
from ck4gen.evaluation.utility.prediction import Baseline, Proportional
from ck4gen.settings import InputError, build
from ck4gen.survival.cox_data import CoxData, cox_data

# held-out C, its SD over the ten fits, and slopes at 25, 50 and 75 % of time, training on real
# rows under the authors' protocol with other random halves
REFERENCE = {
    "gbsg2": (0.681, 0.013, (1.90, 1.15, 0.89)),
    "actg320": (0.704, 0.018, (1.17, 0.93, 0.87)),
    "whas500": (0.759, 0.020, (1.57, 1.26, 1.04)),
}


@pytest.fixture(scope="session")
def keys():
    return defaults(script="augment")["augmentation"]


@pytest.fixture(scope="session")
def settings(keys):
    return build(ProtocolSettings, "augmentation", keys)


def designed(cohort, settings, protocol="corrected", seed=0):
    parts = halves(cohort.event.to_numpy(), settings.repeats, seed)
    return Design(protocol, cohort, parts, settings)


def trained(design):
    """The real-only arm."""
    cohort = design.cohort
    fits = (coxph(cohort.where(cohort.design.index.isin(h.train)), 0.01) for h in design.halves)
    return [
        [f.predict(cohort.design.iloc[h.test]) for f, h in zip(fits, design.halves, strict=True)]
    ]


def known(design, stretch=1.0):
    """An arm of the model behind the ``patients`` fixture: cumulative hazard t exp(x)."""
    grid = np.linspace(0, 20, 20_001)
    x = design.cohort.design["x"].to_numpy()
    return [[Proportional(stretch * x[h.test], Baseline(grid, grid, 0.0)) for h in design.halves]]


def slopes_of(arm, design, group):
    """(replicates, splits, 3) slopes at the three horizons."""
    found = calibration(arm, design, group)
    return np.stack([found[f"slope_{p}"] for p in (25, 50, 75)], axis=2)


def everyone(design):
    return np.ones(len(design.cohort.duration), bool)


@pytest.mark.parametrize("name", REFERENCE)
def test_author_protocol_on_real_rows_gives_the_reference(name, settings, request):
    c, sd, slopes = REFERENCE[name]
    table, schema = request.getfixturevalue(name)
    design = designed(cox_data(table, table, schema), settings, "author")
    arm = trained(design)
    found = concordance(arm, design, everyone(design))
    assert found.shape == (1, 10)
    assert abs(found.mean() - c) < 2 * sd
    ours = slopes_of(arm, design, everyone(design))[0, 0]
    np.testing.assert_allclose(ours, slopes, atol=0.15)


def test_corrected_slopes_of_the_true_model_are_1(patients, settings):
    design = designed(patients(4000, 0), settings)
    arm = known(design)
    whole = slopes_of(arm, design, everyone(design))
    assert whole.shape == (1, 5, 3)
    np.testing.assert_allclose(whole, 1, atol=0.06)
    half = design.cohort.design["x"].to_numpy() > 0
    np.testing.assert_allclose(slopes_of(arm, design, half), 1, atol=0.1)


@pytest.mark.parametrize("protocol", [pytest.param("corrected", marks=pytest.mark.slow), "author"])
def test_slopes_are_those_of_the_binned_risks(patients, settings, protocol):
    """A line through the origin of the published points has the published slope, about."""
    design = designed(patients(4000, 0), settings, protocol)
    arm = known(design)
    table = binned_risks(arm, "the generator failed", design)
    assert set(table["arm"]) == {"real"}
    assert list(table["percentile"].unique()) == [25, 50, 75]
    whole = slopes_of(arm, design, everyone(design)).mean((0, 1))
    for slope, (_, bins) in zip(whole, table.groupby("percentile"), strict=True):
        assert len(bins) == settings.bins
        assert bins["predicted"].is_monotonic_increasing
        line = (bins["predicted"] * bins["observed"]).sum() / (bins["predicted"] ** 2).sum()
        assert line == pytest.approx(slope, rel=0.02)


def test_the_flaws_of_the_author_protocol_are_kept(patients, settings):
    """Events after the horizon count, and a subgroup is divided by a twentieth of the whole."""
    cohort = patients(4000, 0)
    design = designed(cohort, settings, "author")
    arm = known(design)
    whole = slopes_of(arm, design, everyone(design))[0, 0]
    assert whole[0] > 1.5
    assert whole[0] > whole[1] > whole[2]
    random_half = np.random.default_rng(0).permutation(4000) < 2000
    part = slopes_of(arm, design, random_half)[0, 0]
    np.testing.assert_allclose(part, whole / 2, rtol=0.1)


def test_linear_predictors_are_averaged_over_splits(patients, settings):
    design = designed(patients(100, 0), settings)
    x = design.cohort.design["x"].to_numpy()
    stretched = [
        Proportional((1 + h.split) * x[h.test] + 7, Baseline(np.array([1.0]), np.array([1.0]), 7.0))
        for h in design.halves
    ]
    np.testing.assert_allclose(averaged(stretched, design), 3 * x)


def test_halves_are_stratified_and_used_both_ways():
    event = np.repeat([0, 1], [90, 31])
    parts = halves(event, 3, seed=0)
    assert [part.split for part in parts] == [0, 0, 1, 1, 2, 2]
    for first, second in zip(parts[::2], parts[1::2], strict=True):
        assert sorted([*first.train, *first.test]) == list(range(121))
        np.testing.assert_array_equal(first.train, second.test)
        assert abs(event[first.train].sum() - event[first.test].sum()) <= 1
    again = halves(event, 3, seed=0)
    np.testing.assert_array_equal(parts[2].train, again[2].train)
    other = halves(event, 3, seed=1)
    assert all(set(parts[0].train) != set(part.train) for part in other)


def test_subgroups_are_levels_and_thirds():
    schema = Schema(
        (
            Column("age", "numeric"),
            Column("count", "numeric"),
            Column("score", "numeric"),
            Column("male", "binary"),
            Column("stage", "categorical", levels=("early", "late")),
        )
    )
    table = pd.DataFrame(
        {
            "age": np.arange(90),
            "count": np.repeat([0, 1, 2], [70, 15, 5]),
            "score": np.repeat([90, 100], [40, 50]),
            "male": np.arange(90) % 2,
            "stage": np.repeat(["early", "late"], 45),
        }
    )
    found = {group.name: group.rows(table) for group in groups(table, schema)}
    sizes = {name: int(rows.sum()) for name, rows in found.items()}
    assert sizes == {
        "age<=29.67": 30, "29.67<age<=59.33": 30, "59.33<age": 30, "count<=0": 70, "0<count": 20,
        "score<=90": 40, "90<score": 50, "100<score": 0,
        "male=0": 45, "male=1": 45, "stage=early": 45, "stage=late": 45,
    }  # fmt: skip


def test_difference_by_hand():
    """s² (1/J + 1) with J = 4: halves overlap (Nadeau and Bengio 2003)."""
    real = np.array([[0.6, 0.7, 0.6, 0.7]])
    augmented = np.array([[0.62, 0.71, 0.60, 0.73], [0.62, 0.73, 0.60, 0.75]])
    gaps = np.array([0.02, 0.02, 0.0, 0.04])
    found = difference(real, augmented, 0.95)
    half = stats.t.ppf(0.975, 3) * gaps.std(ddof=1) * np.sqrt(1 / 4 + 1)
    assert found.value == pytest.approx(0.02)
    assert found.high - found.value == pytest.approx(half)
    assert found.value - found.low == pytest.approx(half)


def test_difference_of_one_value_is_over_replicates():
    found = difference(np.array([[1.0]]), np.array([[1.1], [1.2], [1.3]]), 0.95)
    assert found.value == pytest.approx(0.2)
    assert found.high - 0.2 == pytest.approx(stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3))
    assert found.reason == "interval over synthetic replicates only"
    assert difference(np.array([[np.nan]]), np.array([[1.0]]), 0.95).value is None


@pytest.mark.slow
def test_the_interval_covers_no_gain_and_finds_a_planted_loss(patients, settings):
    """An arm whose scores are noise against one that knows the truth."""
    cohort = patients(600, 0)
    schema = Schema((Column("x", "numeric"),))
    table = cohort.design.assign(duration=cohort.duration, event=cohort.event)
    design = designed(cohort, replace(settings, repeats=2))
    right = known(design)
    generator = np.random.default_rng(0)
    noisy = [
        [Proportional(p.risk + generator.normal(size=len(p.risk)), p.baseline) for p in right[0]]
        for _ in range(2)
    ]
    found = metrics(compare(right, noisy, {0.5: right}, design, table, schema))
    lost = found["augmentation/overall/difference/c_index"]
    assert lost.high < 0
    assert lost.value == pytest.approx(
        found["augmentation/overall/augmented/c_index"].value
        - found["augmentation/overall/real/c_index"].value
    )
    same = found["augmentation/ratio/0.5/difference/c_index"]
    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert found["augmentation/overall/real/slope"].value == pytest.approx(1, abs=0.2)
    gap = abs(1 - found["augmentation/overall/augmented/slope_50"].value)
    assert found["augmentation/overall/augmented/d21_50"].value >= gap - 1e-9  # a mean of |.|
    assert all(metric.value is not None or metric.reason for metric in found.values())


def test_a_small_subgroup_is_null_with_its_size(patients, settings):
    cohort = patients(200, 0)
    rare = (np.arange(200) < 30).astype(int)
    schema = Schema((Column("x", "numeric"), Column("rare", "binary")))
    design = CoxData(cohort.design.assign(rare=rare), cohort.duration, cohort.event)
    design = designed(design, replace(settings, repeats=2))
    table = design.cohort.design.assign(duration=cohort.duration, event=cohort.event)
    arm = known(design)
    found = metrics(compare(arm, arm, {}, design, table, schema))
    small = found["augmentation/rare=1/real/c_index"]
    assert small.value is None
    assert small.reason.startswith("30 rows, ")
    assert small.reason.endswith(" events: fewer than 50 rows or 20 events")
    assert found["augmentation/rare=0/real/c_index"].value > 0.6


MISTAKES = {
    "repeats": (1, "augmentation.repeats is 1; it must be a whole number of at least 2"),
    "curve": ([0.5, 0], "augmentation.curve is 0; it must be a number of at least 0.01"),
    "confidence": (1.5, "augmentation.confidence is 1.5; it lies between 0 and 1"),
}


@pytest.mark.parametrize("key", MISTAKES)
def test_a_mistake_gets_one_sentence(key, keys):
    value, sentence = MISTAKES[key]
    with pytest.raises(InputError) as raised:
        build(ProtocolSettings, "augmentation", keys | {key: value})
    assert str(raised.value) == sentence
