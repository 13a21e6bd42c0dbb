"""Cox fits against lifelines and scikit-survival, and what has no estimate."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError
from lifelines.statistics import proportional_hazard_test
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv

from ck4gen.data.benchmarks.actg320 import ACTG320DataModule
from ck4gen.data.benchmarks.flchain import FLChainDataModule
from ck4gen.data.benchmarks.gbsg2 import GBSG2DataModule
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.survival.cox import CoxError, fit_cox
from ck4gen.survival.cox_data import cox_data
from ck4gen.survival.newton import NEWTON_TOLERANCE
from ck4gen.survival.proportional_hazards import proportional_hazards_test

COHORTS = (GBSG2DataModule, WHAS500DataModule, ACTG320DataModule, FLChainDataModule)
EXACT = {"precision": 1e-13, "r_precision": 1e-14}  # lifelines stops early by default


def lifelines_fit(frame, **keys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that are no counts
        return CoxPHFitter().fit(frame, "T", "E", fit_options=EXACT, **keys)


@pytest.fixture(scope="module", params=COHORTS, ids=lambda module: module.__name__)
def benchmark(request):
    data = request.param()
    data.setup()
    design, duration, event = (
        data.schema.design(data.train),
        data.train[DURATION],
        data.train[EVENT],
    )
    frame = design.assign(T=duration.to_numpy(), E=event.to_numpy())
    return fit_cox(design, duration, event), frame, lifelines_fit(frame)


def test_benchmarks_have_the_fit_of_lifelines(benchmark):
    ours, frame, theirs = benchmark
    sd = frame[ours.coefficients.index].std()
    assert (ours.coefficients * sd).to_numpy() == pytest.approx(
        (theirs.params_ * sd).to_numpy(), abs=1e-6
    )
    pd.testing.assert_series_equal(
        ours.standard_errors, theirs.standard_errors_, rtol=1e-6, check_names=False
    )
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-6)
    test = theirs.log_likelihood_ratio_test()
    ratio = 2 * (ours.log_likelihood - ours.null_log_likelihood)
    assert ratio == pytest.approx(test.test_statistic, abs=1e-6)
    assert ours.likelihood_ratio_p_value == pytest.approx(test.p_value, rel=1e-5)
    baseline = theirs.baseline_cumulative_hazard_.iloc[:, 0]
    pd.testing.assert_series_equal(
        ours.cumulative_hazard_at_mean, baseline, atol=1e-6, check_names=False
    )


def test_benchmarks_have_the_schoenfeld_test_of_lifelines(benchmark):
    ours, frame, theirs = benchmark
    if len(frame) > 5000:
        frame = frame.head(1500)  # lifelines takes a time that grows with n squared
        ours = fit_cox(frame.drop(columns=["T", "E"]), frame["T"], frame["E"])
        theirs = lifelines_fit(frame)
    test = proportional_hazard_test(theirs, frame, time_transform="rank")
    assert proportional_hazards_test(ours).to_numpy() == pytest.approx(test.p_value, abs=1e-6)


def test_schoenfeld_tests_rank_the_events_of_all_strata_together():
    generator = np.random.default_rng(0)
    x = pd.DataFrame(generator.normal(size=(300, 2)), columns=["a", "b"])
    site, event = generator.integers(0, 3, 300), generator.integers(0, 2, 300)
    times = pd.Series(generator.exponential(size=300) * (1 + site))
    frame = x.assign(T=times, E=event, s=site)
    theirs = lifelines_fit(frame, strata="s")
    # lifelines' own "rank" counts the events of one stratum after those of another
    test = proportional_hazard_test(
        theirs, frame, time_transform=lambda t, e, _: t.where(e.astype(bool)).rank()
    )
    ours = proportional_hazards_test(fit_cox(x, times, pd.Series(event), strata=site))
    assert ours.to_numpy() == pytest.approx(test.p_value, abs=1e-6)


@pytest.mark.parametrize("penalizer", [0.0, 0.01])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_solution_is_that_of_scikit_survival(penalizer, ties):
    data = WHAS500DataModule()
    data.setup()
    design, duration, event = (
        data.schema.design(data.train),
        data.train[DURATION],
        data.train[EVENT],
    )
    ours = fit_cox(design, duration, event, penalizer, ties=ties)
    z = (design - design.mean()) / design.std()
    theirs = CoxPHSurvivalAnalysis(alpha=penalizer * len(z), ties=ties, tol=1e-14)
    theirs.fit(z.to_numpy(), Surv.from_arrays(event.to_numpy(bool), duration))
    assert (ours.coefficients * design.std()).to_numpy() == pytest.approx(theirs.coef_, abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), weighted=st.booleans(), strata=st.booleans(), late=st.booleans())
def test_small_tables_have_the_fit_of_lifelines(seed, weighted, strata, late):
    generator = np.random.default_rng(seed)
    n = 60
    frame = pd.DataFrame(generator.normal(size=(n, 2)), columns=["a", "b"])
    frame["T"] = generator.integers(1, 15, n).astype(float)  # ties
    frame["E"] = generator.integers(0, 2, n)
    columns = {}
    if weighted:
        columns["weights_col"], frame["w"] = "w", generator.uniform(0.3, 3, n)
    if strata:
        columns["strata"], frame["s"] = ["s"], generator.integers(0, 3, n)
    if late:
        columns["entry_col"] = "in"
        frame["in"] = (frame["T"] - generator.integers(1, 15, n)).clip(0)
    keys = {"weights": "w" if weighted else None, "strata": "s" if strata else None}
    keys["entry"] = "in" if late else None
    try:
        theirs = lifelines_fit(frame, **columns)
        given_columns = {key: None if name is None else frame[name] for key, name in keys.items()}
        ours = fit_cox(frame[["a", "b"]], frame["T"], frame["E"], **given_columns)
    except (CoxError, ConvergenceError):
        assume(False)
    assert ours.coefficients.to_numpy() == pytest.approx(theirs.params_.to_numpy(), abs=1e-6)
    errors = theirs.standard_errors_.to_numpy()
    assert ours.standard_errors.to_numpy() == pytest.approx(errors, rel=1e-6)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-6)
    if late:
        return  # lifelines' baseline takes no notice of the entry
    terms = frame[["a", "b"]].to_numpy()
    mean = np.average(terms, axis=0, weights=frame["w"] if weighted else None)
    shift = np.exp((mean - terms.mean(0)) @ ours.coefficients)
    theirs_at_mean = theirs.baseline_cumulative_hazard_ * shift
    found = ours.cumulative_hazard_at_mean
    found = found.unstack(0) if strata else found.to_frame()
    assert found.to_numpy() == pytest.approx(theirs_at_mean.to_numpy(), abs=1e-6)


def test_influence_without_ties_is_that_of_lifelines():
    generator = np.random.default_rng(0)
    x = pd.DataFrame(generator.normal(size=(80, 2)), columns=["a", "b"])
    frame = x / x.std()  # lifelines' residuals are right on terms of SD 1
    frame["T"], frame["E"] = generator.exponential(size=80), generator.integers(0, 2, 80)
    frame["w"] = generator.integers(1, 4, 80)
    theirs = lifelines_fit(frame, weights_col="w")
    ours = fit_cox(frame[["a", "b"]], frame["T"], frame["E"], weights=frame["w"])
    score = theirs.compute_residuals(frame, kind="score").loc[frame.index]
    assert ours.score_residuals == pytest.approx(score.to_numpy(), abs=1e-6)
    change = theirs.compute_residuals(frame, kind="delta_beta").loc[frame.index]
    assert ours.influence == pytest.approx(change.to_numpy(), abs=1e-6)


def test_influence_is_the_change_of_the_fit_by_the_weight_of_a_row(benchmark):
    ours, frame, _ = benchmark
    row, step = np.abs(ours.influence).max(1).argmax(), 1e-3
    sides = []
    for change in (step, -step):
        weights = np.ones(len(frame))
        weights[row] += change
        columns = frame[ours.coefficients.index], frame["T"], frame["E"]
        sides.append(fit_cox(*columns, weights=weights, start=ours.coefficients).coefficients)
    slope = (sides[0] - sides[1]) / (2 * step) / ours.standard_errors
    foretold = ours.influence[row] / ours.standard_errors.to_numpy()
    assert slope.to_numpy() == pytest.approx(foretold, abs=1e-4)


def test_the_scale_of_the_weights_and_of_the_terms_does_not_move_a_ridge_fit():
    generator = np.random.default_rng(1)
    x = pd.DataFrame(generator.normal(size=(50, 2)), columns=["a", "b"])
    time, event = pd.Series(generator.exponential(size=50)), pd.Series(np.ones(50))
    weights = generator.uniform(0.5, 2, 50)
    one = fit_cox(x, time, event, 0.1, weights=weights)
    other = fit_cox(x * [1, 1000] + 5, time, event, 0.1, weights=weights * 7)
    assert (other.coefficients * [1, 1000]).to_numpy() == pytest.approx(one.coefficients.to_numpy())
    plain, unit = fit_cox(x, time, event, 0.1), fit_cox(x, time, event, 0.1, weights=np.full(50, 3))
    assert unit.coefficients.to_numpy() == pytest.approx(plain.coefficients.to_numpy())


@pytest.mark.parametrize("penalizer", [0.0, 0.01])
@pytest.mark.parametrize("away", [0.0, 0.1, 100.0])
def test_a_start_changes_the_steps_and_not_the_solution(penalizer, away):
    data = WHAS500DataModule()
    data.setup()
    rows = cox_data(data.train, data.train, data.schema)
    fit = rows.fit(penalizer=penalizer)
    start = pd.Series(away, fit.coefficients.index)
    again = rows.fit(penalizer=penalizer, start=start)
    apart = (again.coefficients - fit.coefficients).abs() / fit.standard_errors
    assert apart.max() < 2 * NEWTON_TOLERANCE
    pd.testing.assert_series_equal(again.standard_errors, fit.standard_errors, rtol=1e-3)
    assert rows.fit(penalizer=penalizer, start=fit.coefficients).iterations <= 1


@pytest.fixture
def outcome():
    generator = np.random.default_rng(2)
    x = pd.DataFrame({"a": generator.normal(size=40), "b": generator.integers(0, 2, 40)})
    return x, pd.Series(generator.exponential(size=40)), pd.Series(generator.integers(0, 2, 40))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, t, e: (x.assign(c=3.0), t, e), "constant columns: c"),
        (lambda x, t, e: (x, t, 0 * e), "no events"),
        (lambda x, t, e: (x.assign(c=x["a"] - 2 * x["b"]), t, e), "follow from the others: c"),
        (lambda x, t, e: (x.assign(c=e), t, e), "a term separates the events"),
        (lambda x, t, e: (x.assign(c=-t), t, 0 * e + 1), "separates|does not vanish"),
    ],
)
def test_what_has_no_estimate_is_refused(outcome, change, message):
    with pytest.raises(CoxError, match=message):
        fit_cox(*change(*outcome))


def test_a_ridge_makes_separated_and_aliased_terms_estimable(outcome):
    x, time, event = outcome
    assert np.isfinite(fit_cox(x.assign(c=event, d=event), time, event, 0.01).coefficients).all()


def test_missing_values_are_refused(outcome):
    x, time, event = outcome
    with pytest.raises(ValueError, match="missing or infinite values in a"):
        fit_cox(x.assign(a=x["a"].where(x["a"] > 0)), time, event)


def test_a_model_without_terms_is_a_sentence():
    rows = pd.DataFrame({"duration": [1.0, 2.0, 3.0], "event": [1, 0, 1]})
    with pytest.raises(CoxError, match="no column has a term"):
        fit_cox(pd.DataFrame(index=rows.index), rows["duration"], rows["event"])
