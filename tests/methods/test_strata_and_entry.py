"""Tables with strata, and of patients who came late under observation."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from ck4gen import CK4Gen
from ck4gen.data.user_table import FrameDataModule
from ck4gen.methods.ck4gen import shared_sampler
from ck4gen.methods.ck4gen.delayed_entry import DelayedEntry
from ck4gen.methods.ck4gen.hazard_curve import HazardCurve
from ck4gen.methods.ck4gen.hazard_curves import _parted
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.law import Law
from ck4gen.methods.vae import VAE
from ck4gen.settings import InputError
from ck4gen.survival.cox_data import cox_data
from ck4gen.survival.kaplan_meier import kaplan_meier, observed_since
from conftest import briefly

HEADS = {"steps": 60, "epochs": 0}  # epochs would ask for more steps
SHORT = {"encoder": {"steps": 30}, "decoder": {"steps": 60}, "residuals": HEADS}
EXACT = {"guard": {"noise": 0.0, "cap": None}}  # so that the calibration alone is looked at


def by_site(rows=500):
    """Three sites with baselines of their own, where more of the old are where less happens."""
    rng = np.random.default_rng(0)
    site = rng.choice(["a", "b", "c"], rows, p=[0.5, 0.4, 0.1])
    age = (rng.normal(size=rows) + (site == "b")).round(3)
    shape, scale = pd.Series(site).map({"a": 0.7, "b": 2.0, "c": 1.0}), (site == "b") * 300 + 100
    times = scale * (rng.exponential(size=rows) / np.exp(0.6 * age)) ** (1 / shape)
    end = rng.uniform(50, 600, rows)
    outcome = {"days": np.minimum(times, end).round(1) + 0.1, "died": (times <= end).astype(int)}
    return pd.DataFrame(
        {"age": age, "dose": rng.normal(size=rows).round(3), "site": site} | outcome
    )


def seen_late(rows=500, seed=0):
    """Those who live to their entry; true log hazard ratios 0.5 of age and -0.6 of the arm."""
    rng = np.random.default_rng(seed)
    age, arm = rng.normal(size=4 * rows).round(3), rng.integers(0, 2, 4 * rows)
    times = 30 * (rng.exponential(size=4 * rows) / np.exp(0.5 * age - 0.6 * arm)) ** (1 / 1.5)
    start = (rng.exponential(8, 4 * rows) * np.exp(0.3 * age)).round(1)
    end = start + rng.uniform(2, 25, 4 * rows)
    stop = np.minimum(times, end).round(1)
    frame = {"age": age, "arm": arm, "start": start, "stop": stop, "died": times <= end}
    whole = pd.DataFrame(frame).astype({"died": int})
    return whole[start < stop].head(rows).reset_index(drop=True)


@pytest.fixture(scope="module")
def stratified():
    data = FrameDataModule(by_site(), "days", "died", strata="site")
    with pytest.warns(UserWarning, match=r"guard\.noise is 0"):
        return CK4Gen("ck4gen_free", **EXACT, **SHORT).fit(data)


@pytest.fixture(scope="module")
def late():
    data = FrameDataModule(seen_late(), "stop", "died", entry="start")
    with pytest.warns(UserWarning, match=r"guard\.noise is 0"):
        return CK4Gen("ck4gen_free", **EXACT, **SHORT).fit(data)


@pytest.fixture(scope="module")
def of_sites(stratified):
    return stratified.sample(seed=1)


@pytest.fixture(scope="module")
def of_late(late):
    return late.sample(seed=1)


def lifelines_fit(frame, **keys):
    fit = CoxPHFitter().fit(frame, "duration", "event", fit_options={"precision": 1e-12}, **keys)
    return fit.params_, fit.standard_errors_


@pytest.mark.slow
def test_stratified_hazard_ratios_are_those_of_lifelines_and_kept(stratified, of_sites):
    data, made = stratified.data, of_sites
    columns = ["age", "dose", "site", "duration", "event"]
    theirs, error = lifelines_fit(data.train[columns], strata="site")
    scale = data.train[["age", "dose"]].std()
    ours = cox_data(data.train, data.train, data.schema).fit()
    np.testing.assert_allclose(ours.coefficients / scale, theirs, atol=1e-6)
    np.testing.assert_allclose(ours.standard_errors / scale, error, atol=1e-6)
    synthetic, _ = lifelines_fit(made[columns], strata="site")
    assert ((synthetic - theirs).abs() / error).max() < 0.2  # the calibration's own max_error


@pytest.mark.slow
def test_every_stratum_keeps_its_share_its_covariates_and_its_curve(stratified, of_sites):
    real, made = stratified.data.train, of_sites
    for site, rows in real.groupby("site"):
        other = made[made["site"] == site]
        assert abs(len(other) - len(rows)) < 3 * np.sqrt(len(rows))
        assert abs(other["age"].mean() - rows["age"].mean()) < 3 / np.sqrt(len(rows))
        curves, times = (kaplan_meier(rows), kaplan_meier(other)), np.linspace(5, 400, 30)
        gap = np.abs(curves[0].at(times) - curves[1].at(times)).mean()
        assert gap < 0.8 / np.sqrt(len(rows)) + 0.02, site  # twice what chance does on average


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:calibration was not met")
def test_a_sampler_draws_the_same_strata_and_entries(stratified, late):
    for method in map(briefly, (stratified, late)):
        again = shared_sampler.unpack(method.shareable()).sample(None, 3)
        pd.testing.assert_frame_equal(again, method.sample(seed=3))


def test_strata_with_few_events_share_a_curve_with_events_enough():
    stratum = np.repeat([3, 5, 7, 9], [50, 30, 5, 4])
    happened = np.ones(89)
    assert _parted(stratum, happened, 5) == ([5, 3], True)  # 7 joins 9, which has too few
    assert _parted(stratum, happened, 4) == ([9, 7, 5, 3], False)
    assert _parted(stratum, happened, 20) == ([3], True)
    assert _parted(stratum, happened, 100) == ([], True)


@pytest.mark.slow
def test_hazard_ratios_with_delayed_entry_are_those_of_lifelines_and_kept(late, of_late):
    data, made = late.data, of_late
    assert (made["entry"] < made["duration"]).all()
    real = data.train
    theirs, error = lifelines_fit(real, entry_col="entry")
    ours = cox_data(real, real, data.schema).fit()
    scale = np.array([real["age"].std(), 1.0])
    np.testing.assert_allclose(ours.coefficients / scale, theirs, atol=1e-6)
    np.testing.assert_allclose(ours.standard_errors / scale, error, atol=1e-6)
    kept, _ = lifelines_fit(made, entry_col="entry")
    assert ((kept - theirs).abs() / error).max() < 0.2
    naive, _ = lifelines_fit(real.drop(columns="entry"))
    assert ((naive - theirs).abs() / error).max() > 0.5  # so that it matters


@pytest.mark.slow
def test_entries_follow_up_and_survival_are_those_of_the_real_table(late, of_late):
    real, made = (
        table.assign(followed=table["duration"] - table["entry"])
        for table in (late.data.train, of_late)
    )
    for name in ("entry", "followed"):
        assert abs(made[name].mean() - real[name].mean()) < 0.15 * real[name].std(), name
    since = observed_since(real, 20)
    times = np.linspace(since, 40, 30)
    gap = kaplan_meier(real, since).at(times) - kaplan_meier(made, since).at(times)
    assert np.abs(gap).mean() < 0.05
    assert abs(made["event"].mean() - real["event"].mean()) < 0.05


@pytest.mark.slow
def test_the_guard_counts_what_strata_and_entries_add(stratified, late):
    prices = {k.removeprefix("guard/price/") for k in stratified.diagnostics}
    assert {"events", "events of baseline 2", "censoring"} <= prices
    assert {"entries", "entry model"} <= {k.removeprefix("guard/price/") for k in late.diagnostics}


@pytest.mark.slow
def test_a_method_that_draws_no_entry_says_so(late):
    with pytest.raises(InputError, match="VAE draws no delayed entry; use a method that does"):
        VAE().fit(late.data)


def test_times_after_an_entry_have_the_conditional_law():
    """Of a Weibull hazard: what is left of survival after a time is the uniform share of it."""
    times = np.linspace(1, 100, 200)
    hazard, none = (times / 50) ** 2, pd.Series(dtype=float)
    law = Law(none, none, pd.Series(hazard, times))
    curve = HazardCurve(law, times, np.ones(200), Knots(1, 1, 1))
    design = pd.DataFrame(index=range(3))
    after, share = np.array([0.0, 30.5, 130.0]), np.array([0.7, 0.4, 0.9])
    drawn = curve.time_at(design, share, after)
    assert (drawn > after).all()
    np.testing.assert_allclose(
        (drawn[:2] / 50) ** 2, (after[:2] / 50) ** 2 - np.log(share[:2]), atol=0.02
    )
    assert curve.time_at(design, share)[1] < drawn[1]


def test_entries_on_a_scale_of_ages_begin_where_those_of_the_patients_do():
    """From 40 years on, and not evenly from birth to the mean of the youngest."""
    frame = seen_late()
    frame[["start", "stop"]] += 40
    data = FrameDataModule(frame, "stop", "died", entry="start")
    data.setup()
    law = DelayedEntry.of(data.cohort, Knots(20, 12, 10), 30, 5)
    design = data.schema.design(data.train)
    uniform = (np.arange(len(design)) + 0.5) / len(design)
    drawn = law.draw(design.sample(frac=1, random_state=0), uniform, None)
    shares = [0.01, 0.1, 0.5, 0.9]
    np.testing.assert_allclose(
        np.quantile(drawn, shares), frame["start"].quantile(shares), atol=1.5
    )
    assert drawn.min() > 39
    assert drawn.max() < frame["start"].max()  # the mean of the oldest
