"""The strength of a ridge: likelihood, derivatives, criterion, and when one is chosen."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from ck4gen.config import defaults
from ck4gen.settings import InputError, build
from ck4gen.survival.cox import fit_cox
from ck4gen.survival.penalty import PartialLikelihood, _rotated, cross_validated_penalizer
from ck4gen.survival.teacher import TeacherSettings, analysis_penalizer


def cohort(rows, terms, seed=0, effect=0.5):
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(rng.normal(size=(rows, terms))).add_prefix("x")
    risk = effect * design["x0"]
    happens, stops = rng.exponential(np.exp(-risk)), rng.exponential(2, rows)
    return design, pd.Series(np.minimum(happens, stops)), pd.Series((happens <= stops).astype(int))


def settings(**keys):
    values = defaults()["method"]["teacher"] | keys
    return build(TeacherSettings, "method.teacher", values)


def test_three_patients_by_hand():
    # at t=1 all three are at risk, at t=2 patients 2 and 3
    part = PartialLikelihood(
        np.array([[1.0], [0], [2]]), np.array([1.0, 2, 3]), np.array([1, 1, 0])
    )
    b = 0.3
    by_hand = b - np.log(np.exp(b) + 1 + np.exp(2 * b)) + 0 - np.log(1 + np.exp(2 * b))
    assert part.value(np.array([b])) == pytest.approx(by_hand)


@pytest.mark.parametrize("ties", [False, True])
def test_derivatives_are_those_of_the_value(ties):
    design, duration, event = cohort(60, 3)
    if ties:
        duration = np.ceil(duration * 3)
    part = PartialLikelihood(design.to_numpy(), duration.to_numpy(), event.to_numpy(float))
    beta, step = np.array([0.2, -0.4, 0.1]), 1e-5
    gradient, information = part._derivatives(beta)
    for axis, unit in enumerate(np.eye(3) * step):
        slope = (part.value(beta + unit) - part.value(beta - unit)) / (2 * step)
        assert gradient[axis] == pytest.approx(slope, abs=1e-5)
        ahead, behind = (part._derivatives(beta + sign * unit)[0] for sign in (1, -1))
        assert information[axis] == pytest.approx(-(ahead - behind) / (2 * step), abs=1e-4)


@pytest.mark.parametrize("strength", [0.0, 0.1])
def test_the_maximum_is_that_of_lifelines(strength):
    design, duration, event = cohort(120, 4)
    z = (design - design.mean()) / design.std()
    frame = z.assign(duration=duration, event=event)
    fitter = CoxPHFitter(penalizer=strength).fit(frame, "duration", "event")
    part = PartialLikelihood(z.to_numpy(), duration.to_numpy(), event.to_numpy(float))
    found = part.maximum(strength, np.zeros(4))
    assert found == pytest.approx(fitter.params_.to_numpy(), abs=1e-5)


def test_a_ridge_is_the_same_in_the_axes_of_a_wide_design():
    design, duration, event = cohort(30, 80)
    z = ((design - design.mean()) / design.std()).to_numpy()
    outcome = duration.to_numpy(), event.to_numpy(float)
    wide = PartialLikelihood(z, *outcome).maximum(0.5, np.zeros(80))
    axes = _rotated(design)
    assert axes.shape == (30, 30)
    narrow = PartialLikelihood(axes, *outcome).maximum(0.5, np.zeros(30))
    assert axes @ narrow == pytest.approx(z @ wide, abs=1e-5)


def test_the_criterion_prefers_a_strong_ridge_for_noise_and_a_weak_one_for_a_signal():
    strengths = (0.001, 0.1, 10.0)
    noise = cohort(60, 20, effect=0.0)
    assert cross_validated_penalizer(*noise, strengths, 5) == 10.0
    signal = cohort(300, 2, effect=1.0)
    assert cross_validated_penalizer(*signal, strengths, 5) == 0.001


def test_a_ridge_is_chosen_only_where_it_is_needed():
    design, duration, event = cohort(200, 3)
    assert analysis_penalizer(design, duration, event, settings()) == 0.0
    assert analysis_penalizer(design, duration, event, settings(penalizer=0.2)) == 0.2
    separating = design.assign(safe=(event == 0) & (design["x1"] > 0)).astype(float)
    with pytest.warns(UserWarning, match="no finite estimate .* a ridge of .* by cross-validation"):
        chosen = analysis_penalizer(separating, duration, event, settings())
    assert chosen in settings().strengths
    assert np.isfinite(fit_cox(separating, duration, event, chosen).coefficients).all()
    assert analysis_penalizer(separating, duration, event, settings(strengths=[])) == 0.0
    needed = event.sum() / 3 + 1
    with pytest.warns(UserWarning, match="events are too few for 3 terms"):
        assert analysis_penalizer(design, duration, event, settings(events_per_term=needed)) > 0


def test_wrong_keys_are_one_sentence():
    with pytest.raises(InputError, match=r"method\.teacher\.strengths is 0; it must be above 0"):
        settings(strengths=[0, 1.0])
    with pytest.raises(InputError, match=r"method\.teacher\.folds is 1"):
        settings(folds=1)
