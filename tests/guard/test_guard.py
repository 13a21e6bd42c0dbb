"""The guard: secret weights, what one patient moves, and the cap on it."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from ck4gen import load
from ck4gen.config import defaults
from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.guard.guard import guard
from ck4gen.guard.influence import (
    area_under_curve,
    column_influence,
    hazard_ratio_influence,
    independent,
    leverages,
    weight_leverages,
)
from ck4gen.guard.secret_weights import secret_weights
from ck4gen.guard.settings import GuardSettings
from ck4gen.settings import InputError
from ck4gen.survival.cox import fit_cox

SECRET = b"s" * 32
PACKAGED = defaults("method=ck4gen_free")["method"]["guard"]


@pytest.fixture(scope="module")
def whas500() -> WeightedCohort:
    return load("whas500").cohort


def fitted(cohort: WeightedCohort):
    table = cohort.table
    return fit_cox(cohort.design, table[DURATION], table[EVENT], weights=cohort.weight)


def test_weights_have_mean_one_and_the_stated_spread(whas500):
    table = pd.concat([whas500.table] * 40, ignore_index=True)
    for noise in (0.2, 0.5, 1.0):
        weight = secret_weights(table, noise, SECRET, 0)
        # 20,000 gamma draws: the SD of their SD is below 1 %
        assert weight.mean() == pytest.approx(1, abs=4 * noise / np.sqrt(len(table)))
        assert weight.std() == pytest.approx(noise, rel=0.05)
        assert weight.min() > 0


def test_no_noise_leaves_every_weight_at_one(whas500):
    assert (secret_weights(whas500.table, 0.0, SECRET, 0) == 1).all()


def test_same_cohort_secret_and_number_give_the_same_weights(whas500):
    first, again = (secret_weights(whas500.table, 0.5, SECRET, 3, 0) for _ in range(2))
    assert (first == again).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda table: (table, b"t" * 32, 0),
        lambda table: (table, SECRET, 1),
        lambda table: (table.assign(age=table["age"] + 1), SECRET, 0),
        lambda table: (table.iloc[:-1], SECRET, 0),
    ],
    ids=["another secret", "another number", "another value", "a patient fewer"],
)
def test_anything_else_gives_other_weights(whas500, change):
    """Above all a patient fewer: kept weights would give this patient away by the difference."""
    before = secret_weights(whas500.table, 0.5, SECRET, 0)
    table, secret, number = change(whas500.table)
    after = secret_weights(table, 0.5, secret, number)
    shared = min(len(before), len(after))
    # independent draws: |r| < 4 / sqrt(500)
    assert abs(np.corrcoef(before[:shared], after[:shared])[0, 1]) < 0.18


@settings(max_examples=5, deadline=None)
@given(patient=st.integers(0, 499))
def test_influence_is_the_derivative_by_the_weight_of_a_patient(patient):
    cohort = load("whas500").cohort
    step = 1e-4
    heavier = cohort.weight.copy()
    heavier[patient] += step
    more = WeightedCohort(cohort.table, cohort.schema, heavier)
    before, after = fitted(cohort), fitted(more)
    slope = (after.coefficients - before.coefficients) / step
    np.testing.assert_allclose(
        hazard_ratio_influence(before, cohort.weight)[patient], slope, rtol=0.01, atol=2e-5
    )
    # n times the mean and the log SD; the weights of the heavier cohort do not sum to n
    scaled = cohort.weighted(heavier)
    numeric = cohort.design.columns.isin(cohort.schema.of_kind("numeric"))
    moved = np.r_[(scaled.mean - cohort.mean) / cohort.sd, (np.log(scaled.sd / cohort.sd))[numeric]]
    np.testing.assert_allclose(
        column_influence(cohort)[patient], moved * len(cohort) / step, rtol=0.01, atol=0.02
    )


def test_leverages_add_up_to_the_number_of_statistics(whas500):
    """The price of a condition: the mean of d^2 over patients is K / (n (tau^2 + s^2))."""
    influence = hazard_ratio_influence(fitted(whas500), whas500.weight)
    spread = influence.T @ influence
    ones = np.ones(len(influence))
    assert leverages(influence, ones, spread).sum() == pytest.approx(influence.shape[1])
    noisy = leverages(influence, ones, (0.5**2 + 0.1**2) * spread)
    assert noisy.mean() == pytest.approx(influence.shape[1] / (500 * 0.26))
    twice = np.hstack([influence, influence[:, :3]])  # known already: nothing to add
    assert leverages(twice, ones, twice.T @ twice).sum() == pytest.approx(influence.shape[1])


@pytest.mark.parametrize(("leverage", "noise"), [(0.1, 0.5), (0.5, 0.5), (0.9, 1.0)])
def test_area_is_that_of_gaussians_with_and_without_the_patient(leverage, noise):
    """All patients' noise has variance tau^2; without the patient, whose part is h, 1 - h of it."""
    generator = np.random.default_rng(0)
    absent, present = generator.normal(0, noise, (2, 40_000))
    scores = np.r_[absent * (1 - leverage) ** 0.5, leverage**0.5 + present]
    simulated = roc_auc_score(np.repeat([0, 1], 40_000), scores)
    assert area_under_curve(np.array([leverage]), noise)[0] == pytest.approx(simulated, abs=0.006)


def test_no_patient_is_beyond_the_cap(whas500):
    keys = PACKAGED | {"cap": 0.45, "noise": 0.0}
    guarded = guard(whas500, {1: 0.0}, GuardSettings(**keys), SECRET, 0)
    assert 0 < guarded.diagnostics["guard/capped"] < 50
    limit = keys["cap"] ** 2 * (1 + 2 * keys["cap_tolerance"])
    for influence in (
        hazard_ratio_influence(fitted(guarded.cohort), guarded.cohort.weight),
        column_influence(guarded.cohort),
    ):
        spread = (influence * guarded.cap[:, None] ** 2).T @ influence
        assert leverages(influence, guarded.cap, spread).max() < limit
    kept = np.delete(guarded.cap, list(guarded.capped))
    assert (kept == 1).all()
    assert guarded.cap[list(guarded.capped)].max() < 1


def test_without_cap_and_noise_the_guarded_cohort_is_the_cohort(whas500):
    keys = PACKAGED | {"cap": None, "noise": 0.0}
    guarded = guard(whas500, {1: 0.0}, GuardSettings(**keys), SECRET, 0)
    assert (guarded.cohort.weight == 1).all()
    assert guarded.capped == {}
    assert guarded.diagnostics["guard/cap_shift"] == 0


def test_noise_moves_hazard_ratios_as_it_says(whas500):
    """30 draws of 11 coefficients: the SD of their mean square is 11 %, of correlated ones more."""
    keys = PACKAGED | {"cap": None, "noise": 0.5}
    plain = fitted(whas500)
    influence = hazard_ratio_influence(plain, np.ones(500))
    gaps = []
    for number in range(30):
        guarded = guard(whas500, {1: 0.0}, GuardSettings(**keys), SECRET, number)
        gaps.append(fitted(guarded.cohort).coefficients - plain.coefficients)
    squared = leverages(np.array(gaps), np.ones(30), influence.T @ influence)
    assert squared.mean() / influence.shape[1] == pytest.approx(0.25, rel=0.3)


@pytest.mark.parametrize(
    ("key", "value"), [("noise", -1), ("cap", 0), ("cap", 1), ("cap_rounds", 0)]
)
def test_wrong_keys_are_named(key, value):
    with pytest.raises(InputError, match=f"method.guard.{key}"):
        GuardSettings(**PACKAGED | {key: value})


def test_packaged_guard_keeps_the_most_exposed_patient_below_its_limit():
    """Area Phi(cap / noise / sqrt 2): what the cap and the noise promise together."""
    limit = norm.cdf(PACKAGED["cap"] / PACKAGED["noise"] / np.sqrt(2))
    assert limit <= 0.85


def test_a_hazard_ratio_that_rests_on_one_patient_is_said_to_move():
    generator = np.random.default_rng(0)
    marker, age = generator.normal(size=(2, 200))
    marker[0] = 15.0
    times = generator.exponential(np.exp(-0.5 * age))
    times[0] = 20.0  # the largest marker, and the longest to live
    columns = {"marker": marker, "age": age, "duration": times, "event": np.ones(200, int)}
    schema = Schema(tuple(Column(name, "numeric") for name in ("marker", "age")))
    cohort = WeightedCohort.of(pd.DataFrame(columns), schema)
    settings = GuardSettings(**PACKAGED | {"noise": 0.0})
    with pytest.warns(UserWarning, match="cap moves the hazard ratio of marker by") as said:
        guarded = guard(cohort, {1: 0.0}, settings, SECRET, 0)
    shift = guarded.diagnostics["guard/cap_shift"]
    assert shift > 1
    assert f"by {shift:.1f} standard errors" in str(said[0].message)


def test_a_level_of_few_patients_is_not_capped_away():
    """Two of three who have a level have half of its column each at any weight."""
    generator = np.random.default_rng(0)
    rare, marker = np.zeros(200), generator.normal(size=200)
    rare[:3], marker[0] = 1, 40.0  # the first is capped by the other column
    columns = {"rare": rare, "marker": marker}
    outcome = {"duration": generator.exponential(size=200), "event": np.ones(200, int)}
    schema = Schema((Column("rare", "binary"), Column("marker", "numeric")))
    cohort = WeightedCohort.of(pd.DataFrame(columns | outcome), schema)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        guarded = guard(cohort, {1: 0.0}, GuardSettings(**PACKAGED | {"noise": 0.0}), SECRET, 0)
    assert guarded.cap[0] < 0.05
    assert guarded.cap[:3].sum() == pytest.approx(1)
    assert guarded.cap[3:].min() > 0.5


@pytest.mark.filterwarnings("ignore:method.guard.cap moves")
def test_few_events_for_many_terms_are_not_capped_away():
    """Shares add up to the number of terms: 12 events cannot all be below the cap with 8 terms."""
    generator = np.random.default_rng(0)
    covariates = {f"x{k}": generator.normal(size=150) for k in range(8)}
    event = np.arange(150) < 12
    frame = pd.DataFrame(
        covariates | {"duration": generator.exponential(size=150), "event": event.astype(int)}
    )
    schema = Schema(tuple(Column(name, "numeric") for name in covariates))
    cohort = WeightedCohort.of(frame, schema)
    with pytest.warns(UserWarning, match="move the hazard ratios or columns by more than"):
        guarded = guard(cohort, {1: 0.0}, GuardSettings(**PACKAGED | {"noise": 0.0}), SECRET, 0)
    assert guarded.cap[event].mean() > 0.5
    assert 0 < guarded.diagnostics["guard/capped"] <= 12


def test_statistics_that_follow_from_others_do_not_count():
    influence = np.random.default_rng(0).normal(size=(300, 4)) * [1, 100, 1e-3, 1]
    dependent = np.c_[influence, influence[:, :2].sum(1), np.zeros(300)]
    assert independent(influence) == independent(dependent) == 4
    assert round(weight_leverages(dependent, np.ones(300)).sum()) == 4
    assert independent(influence[:3]) == 3  # no more than patients
