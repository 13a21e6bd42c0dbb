"""Each score against a hand calculation, another library, or a planted truth."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from scipy import stats

from ck4gen.evaluation.utility.brier import integrated_brier
from ck4gen.evaluation.utility.d_calibration import d_calibration
from ck4gen.evaluation.utility.discrimination import c_index, c_uno
from ck4gen.evaluation.utility.prediction import Baseline, Curves, Proportional, breslow
from ck4gen.evaluation.utility.risk_calibration import (
    calibration_index,
    quantile_bins,
    risk_slope,
    slope,
    through_origin,
)
from ck4gen.survival.cox import CoxError
from ck4gen.survival.cox_data import CoxData


def rows(duration, event):
    design = pd.DataFrame({"x": np.zeros(len(duration))})
    return CoxData(design, pd.Series(duration, dtype=float), pd.Series(event))


def truth(sample):
    """Predictions of the model behind :func:`patients`: cumulative hazard t exp(x)."""
    grid = np.linspace(0, 20, 20_001)
    return Proportional(sample.design["x"].to_numpy(), Baseline(grid, grid, 0.0))


def test_concordance_by_hand():
    """Pairs with a known order: (1,2), (1,3), (1,4), (3,4); one is wrong, one tied."""
    held = rows([1, 2, 3, 4], [1, 0, 1, 0])
    risk = np.array([2.0, 1.0, 3.0, 2.0])
    assert c_index(risk, held) == pytest.approx((1 + 0 + 0.5 + 1) / 4)


def test_without_censoring_both_concordances_agree(patients):
    held = patients(200, 0, censoring=None)
    risk = held.design["x"].to_numpy() + np.random.default_rng(1).normal(size=200)
    horizon = held.duration.max() + 1
    assert c_uno(risk, held, held, horizon) == pytest.approx(c_index(risk, held))


def test_weights_undo_informative_follow_up(patients):
    """Harrell's C drifts with the censoring; Uno's estimates what no censoring would give."""
    whole = patients(4000, 0, censoring=None)
    cut = patients(4000, 1, censoring=1.0)
    horizon = 0.8
    uncensored = c_uno(whole.design["x"].to_numpy(), whole, whole, horizon)
    estimate = c_uno(cut.design["x"].to_numpy(), cut, cut, horizon)
    assert estimate == pytest.approx(uncensored, abs=0.015)


def test_breslow_is_that_of_lifelines(patients):
    train = patients(300, 0)
    fit = train.fit(penalizer=0.01)
    risk = (train.design @ fit.coefficients).to_numpy()
    baseline = breslow(risk, train.duration.to_numpy(), train.event.to_numpy())
    times = np.sort(train.duration.to_numpy())  # between them lifelines interpolates
    ours = Proportional(risk, baseline).survival(times)
    z = train.design / train.design.std()  # the ridge is on terms of SD 1
    frame = z.assign(duration=train.duration, event=train.event)
    lifelines = CoxPHFitter(penalizer=0.01).fit(frame, "duration", "event")
    theirs = lifelines.predict_survival_function(frame, times=times).to_numpy().T
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_survival_at_own_times_is_the_diagonal(patients):
    train = patients(50, 0)
    times = train.duration.to_numpy()
    risk = train.design["x"].to_numpy()
    proportional = Proportional(risk, breslow(risk, times, train.event.to_numpy()))
    grid = np.array([0.2, 0.5, 0.9])
    curves = Curves(risk, grid, proportional.survival(grid))
    for prediction in (proportional, curves):
        every = prediction.survival(times)
        np.testing.assert_array_equal(prediction.own_survival(times), np.diag(every))
    assert (curves.survival(np.array([0.1])) == 1).all()


@pytest.mark.parametrize("stretch", [0.5, 1.0, 2.0])
def test_slope_undoes_a_stretched_score(stretch, patients):
    held = patients(2000, 0)
    found = slope(stretch * held.design["x"].to_numpy(), held, 0.95)
    half = (found.high - found.low) / 2
    assert abs(found.value - 1 / stretch) < 1.5 * half
    assert half * stretch < 0.1


def test_a_constant_score_has_no_slope(patients):
    with pytest.raises(CoxError):
        slope(np.ones(100), patients(100, 0), 0.95)


def test_risk_slope_by_hand():
    """Two bins: predicted .2 and .6, of whom 1 of 4 and 3 of 4 have the event by t = 5."""
    held = rows([1, 9, 9, 9, 1, 2, 3, 9], [1, 1, 0, 0, 1, 1, 1, 0])
    risk = np.repeat([0.2, 0.6], 4)
    expected = (0.2 * 0.25 + 0.6 * 0.75) / (0.2**2 + 0.6**2)
    assert risk_slope(risk, held, 5.0, bins=2) == pytest.approx(expected)


def test_observed_risk_takes_account_of_censoring():
    """In one bin: event at 1, censored at 2, event at 3, followed to 9: 1 - KM(5) = 1 - 3/8."""
    held = rows([1, 2, 3, 9], [1, 0, 1, 0])
    assert risk_slope(np.full(4, 0.5), held, 5.0, bins=2) == pytest.approx((1 - 3 / 8) / 0.5)


def test_a_bin_that_nobody_leaves_alive_is_left_out():
    """The first bin is censored before t; only the second has an observed risk."""
    held = rows([1, 2, 3, 4, 1, 9, 9, 9], [0, 0, 0, 0, 1, 1, 1, 1])
    risk = np.repeat([0.2, 0.5], 4)
    assert risk_slope(risk, held, 5.0, bins=2) == pytest.approx(0.25 / 0.5)


def test_bins_are_equal_and_ties_share_one():
    assert np.bincount(quantile_bins(np.arange(100.0), 10)).tolist() == [10] * 10
    assert len(np.unique(quantile_bins(np.full(50, 0.3), 10))) == 1
    with pytest.raises(ValueError, match="no predicted risk is above 0"):
        through_origin(np.zeros(3), np.ones(3))


def test_calibration_index_finds_a_planted_error(patients):
    held = patients(4000, 0)
    time = 0.5
    right = 1 - truth(held).survival(np.array([time]))[:, 0]
    assert calibration_index(right, held, time) < 0.015
    wrong = right**2
    planted = np.abs(right - wrong).mean()
    assert calibration_index(wrong, held, time) == pytest.approx(planted, abs=0.02)
    assert planted > 0.15


def test_brier_by_hand():
    """Nobody censored: the mean of (1[T > t] - S)², integrated and averaged over time."""
    held = rows([1.0, 2.0, 3.0, 10.0], [1, 1, 1, 1])
    prediction = Curves(np.zeros(4), np.array([0.0]), np.full((4, 1), 0.5))
    assert integrated_brier(prediction, held, held, 1.5, 2.5, 3) == pytest.approx(0.25)
    sure = Curves(np.zeros(4), np.array([1.0, 2.0, 3.0]), 1.0 * np.array(
        [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    ))  # fmt: skip
    assert integrated_brier(sure, held, held, 1.0, 3.0, 9) == pytest.approx(0)
    with pytest.raises(ValueError, match="at the same time"):
        integrated_brier(sure, held, held, 1.0, 1.0, 9)


def test_brier_weights_estimate_what_no_censoring_would_give(patients):
    """Follow-up of the training rows may end before that of the held-out rows."""
    whole, cut = patients(3000, 0, censoring=None), patients(3000, 1, censoring=1.2)
    times = 0.1, 0.9, 50
    reference = integrated_brier(truth(whole), whole, whole, *times)
    train = cut.where(cut.duration < 1.0)
    assert integrated_brier(truth(cut), cut, cut, *times) == pytest.approx(reference, abs=0.01)
    assert np.isfinite(integrated_brier(truth(cut), cut, train, *times))


def test_d_calibration_by_hand():
    """Two bins: one event in each, a row censored at S = .8 spread .5/.8 and .3/.8."""
    own, event = np.array([0.1, 0.9, 0.8]), np.array([1, 1, 0])
    counts = np.array([1 + 0.5 / 0.8, 1 + 0.3 / 0.8])
    statistic = ((counts - 1.5) ** 2 / 1.5).sum()
    assert d_calibration(own, event, 2) == pytest.approx(stats.chi2.sf(statistic, 1))
    assert 0 <= d_calibration(np.zeros(3), np.zeros(3), 2) <= 1


@pytest.mark.slow
def test_d_calibration_is_uniform_under_the_truth_and_conservative_under_censoring(patients):
    p_values = {}
    for censoring in (None, 1.0):
        simulated = (patients(500, seed, censoring) for seed in range(300))
        p_values[censoring] = [
            d_calibration(truth(s).own_survival(s.duration.to_numpy()), s.event.to_numpy(), 10)
            for s in simulated
        ]
    assert stats.kstest(p_values[None], "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values[1.0]) < 0.05) <= 0.05


def test_d_calibration_rejects_a_wrong_model(patients):
    sample = patients(500, 0)
    shifted = Proportional(truth(sample).risk + 0.5, truth(sample).baseline)
    own = shifted.own_survival(sample.duration.to_numpy())
    assert d_calibration(own, sample.event.to_numpy(), 10) < 1e-6
