"""Generators without a network: what each keeps, breaks, and refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.tree import DecisionTreeClassifier

from ck4gen import InputError
from ck4gen.config import ROOT, built, defaults
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.methods.arf import ARF
from ck4gen.methods.cart import CART
from ck4gen.methods.independent import Independent
from ck4gen.methods.resampling import SAMPLERS, Resampling
from ck4gen.methods.tree_leaves import boxes, donors, prune
from ck4gen.settings import build

CLASSICAL = ["independent", "cart", "arf", *SAMPLERS]
OUTCOME = ["days", "died"]
COVARIATES = ["age", "marker", "smoker", "stage"]


def make(name, **keys):
    values = defaults(f"method={name}")["method"] | keys
    return built(values)


def fit(method, frame, **keys):
    return method.fit(frame, duration="days", event="died", **keys)


def rows(table):
    return set(table.itertuples(index=False, name=None))


@pytest.mark.parametrize("name", CLASSICAL)
def test_tables_keep_the_schema_the_seed_and_the_number_of_rows(name, cohort):
    method = fit(make(name), cohort)
    table = method.sample(seed=1)
    assert list(table) == list(cohort)
    assert (table.dtypes == cohort.dtypes).all()
    assert len(table) == len(cohort)
    assert len(method.sample(n=57)) == 57
    for column in ("age", "marker", "days"):
        assert table[column].between(cohort[column].min(), cohort[column].max()).all()
    assert set(table["stage"]) <= set(cohort["stage"])
    pd.testing.assert_frame_equal(table, fit(make(name), cohort).sample(seed=1))
    assert not table.equals(method.sample(seed=2))


@pytest.mark.slow
def test_independent_keeps_columns_and_pairs_and_nothing_else(cohort):
    table = fit(Independent(), cohort).sample(seed=3)
    for column in COVARIATES:
        assert sorted(table[column]) == sorted(cohort[column])
    assert sorted(table[OUTCOME].itertuples(index=False)) == sorted(
        cohort[OUTCOME].itertuples(index=False)
    )
    real = abs(np.corrcoef(cohort["age"], cohort["days"])[0, 1])
    assert real > 0.2
    shuffled = [
        np.corrcoef(t["age"], t["days"])[0, 1]
        for t in (fit(Independent(), cohort).sample(seed=seed) for seed in range(10))
    ]
    assert abs(np.mean(shuffled)) < 4 / np.sqrt(10 * len(cohort))


@pytest.mark.parametrize("outcomes", ["generated", "copied"])
def test_cart_gives_values_and_pairs_of_patients_but_not_the_patients(outcomes, cohort):
    table = fit(CART(outcomes=outcomes), cohort).sample(seed=0)
    for column in COVARIATES:
        assert set(table[column]) <= set(cohort[column])
    assert rows(table[OUTCOME]) <= rows(cohort[OUTCOME])
    every_pair_once = sorted(rows(table[OUTCOME])) == sorted(rows(cohort[OUTCOME]))
    assert every_pair_once == (outcomes == "copied")
    assert len(rows(table) & rows(cohort)) < 0.1 * len(cohort)


@pytest.mark.parametrize("outcomes", ["generated", "copied"])
def test_cart_and_arf_follow_dependence_that_independent_breaks(outcomes, cohort):
    frame = pd.concat([cohort] * 5, ignore_index=True)
    frame["smoker"] = (frame["age"] + np.arange(len(frame)) % 7 > 63).astype(int)

    def dependence(table):
        return stats.pointbiserialr(table["smoker"], table["age"]).statistic

    assert dependence(frame) > 0.8
    for method in (CART(outcomes=outcomes), ARF()):
        assert dependence(fit(method, frame).sample(seed=0)) > 0.6
    assert abs(dependence(fit(Independent(), frame).sample(seed=0))) < 0.15


def test_donors_come_from_the_leaf_and_from_all_of_it():
    members = np.array([7, 2, 7, 2, 9, 7])
    leaves = np.repeat([2, 7, 9], 400)
    drawn = donors(members, leaves, np.random.default_rng(0))
    assert (members[drawn] == leaves).all()
    counts = np.bincount(drawn[leaves == 7], minlength=6)[[0, 2, 5]]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_pruned_trees_hold_enough_rows_in_every_leaf_and_boxes_hold_the_rows():
    generator = np.random.default_rng(1)
    x = generator.normal(size=(400, 3)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > generator.normal(0, 0.5, 400)).astype(int)
    some = x[y == 1]
    tree = DecisionTreeClassifier(random_state=0).fit(x, y).tree_
    assert np.unique(tree.apply(some), return_counts=True)[1].min() < 5
    prune(tree, some, 5)
    leaf = tree.apply(some)
    assert np.unique(leaf, return_counts=True)[1].min() >= 5
    assert len(np.unique(leaf)) > 10
    low, high = boxes(tree)
    assert (low[leaf] <= some).all()
    assert (some <= high[leaf]).all()
    assert np.isfinite(high[leaf]).any()


def test_a_whole_tree_with_too_few_rows_becomes_one_leaf():
    x = np.arange(8, dtype=np.float32)[:, None]
    tree = DecisionTreeClassifier(random_state=0).fit(x, x[:, 0] > 3).tree_
    prune(tree, x[:2], 5)
    assert len(np.unique(tree.apply(x))) == 1


@pytest.mark.slow
def test_arf_agrees_with_the_reference_implementation():
    """Means of eight seeds against those of arfpy, within four of its standard errors."""
    reference = json.loads((ROOT / "tests" / "reference" / "arfpy.json").read_text())
    data = WHAS500DataModule()
    data.setup()
    settings = build(EvaluationSettings, "evaluation", defaults("evaluation=fast")["evaluation"])
    found = []
    for seed in range(8):
        table = ARF().fit(data, seed=seed).sample(seed=seed)
        metrics = evaluate(data.train, table, data.schema, settings=settings)
        found.append([metrics[name].value for name in reference])
    for name, values in zip(reference, np.transpose(found), strict=True):
        theirs = np.array(reference[name])
        error = np.sqrt((theirs.var(ddof=1) + values.var(ddof=1)) / 8)
        assert abs(values.mean() - theirs.mean()) < 4 * error, name


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_class_target_gives_new_rows_with_the_real_event_rate(sampler, cohort):
    method = fit(Resampling(sampler), cohort)
    table = method.sample(n=300, seed=0)
    assert table["died"].sum() == round(300 * cohort["died"].mean())
    copied = len(rows(table) & rows(cohort)) / len(rows(table))
    assert copied == 1 or copied < 0.05  # a new row may lie on an old one after rounding
    assert (copied == 1) == (sampler == "random_oversampler") == method.contains_real


@pytest.mark.parametrize("sampler", ["smote", "smotenc", "random_oversampler"])
def test_author_target_balances_half_of_the_rows(sampler, cohort):
    method = fit(Resampling(sampler, target="author"), cohort)
    assert method.contains_real
    table = method.sample(seed=4)
    half = len(cohort) // 2
    real = pd.merge(table.round(3), cohort.drop_duplicates(), how="inner")
    assert half - 3 <= len(real) or sampler == "random_oversampler"
    assert table["died"].mean() == 0.5
    assert half < len(table) < 2 * half
    with pytest.raises(InputError, match="sets the number of rows"):
        method.sample(n=10)


def test_smote_lies_between_two_rows_of_a_class(cohort):
    smoker = cohort["died"].where(np.arange(len(cohort)) % 20 > 0, 1 - cohort["died"])
    frame = cohort.assign(smoker=smoker, marker=cohort["died"] * 10.0 + cohort["marker"])
    table = fit(Resampling("smote"), frame).sample(seed=0)
    for died in (0, 1):
        kind = frame.loc[frame["died"] == died, "marker"]
        assert table.loc[table["died"] == died, "marker"].between(kind.min(), kind.max()).all()
    assert (table["smoker"] == table["died"]).mean() > 0.9  # 0.95 in the cohort


def test_neighbours_shrink_with_a_small_class_and_one_event_is_refused(cohort):
    few = cohort.copy()
    few["died"] = 0
    few.loc[:2, "died"] = 1
    with pytest.warns(UserWarning, match="events"):
        table = fit(Resampling("smote", neighbours=5), few).sample(n=400, seed=0)
    assert table["died"].sum() == 6
    few.loc[1:2, "died"] = 0
    with pytest.raises(InputError), pytest.warns(UserWarning, match="events"):
        fit(Resampling("smote"), few)
