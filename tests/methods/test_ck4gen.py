import numpy as np
import pandas as pd
import pytest

from ck4gen import CK4Gen, InputError
from ck4gen.data.benchmarks.gbsg2 import GBSG2DataModule
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.methods.bootstrap import Bootstrap
from ck4gen.methods.ck4gen.hazard_curve import HazardCurve
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.law import Law
from ck4gen.methods.draw import Draw
from ck4gen.methods.fresh import Fresh
from ck4gen.methods.vae import VAE

SHORT = {"encoder": {"steps": 60}, "decoder": {"steps": 150}}


@pytest.fixture(scope="module")
def fitted(request):
    import numpy as np

    generator = np.random.default_rng(1)
    n = 150
    frame = pd.DataFrame(
        {
            "age": generator.integers(30, 90, n),
            "dose": generator.gamma(2, 3, n).round(2),
            "arm": generator.choice(["control", "new"], n),
            "weeks": generator.exponential(50, n).round(1),
            "relapse": generator.integers(0, 2, n),
        }
    )
    return frame, CK4Gen(**SHORT).fit(frame, duration="weeks", event="relapse")


def test_a_users_frame_comes_back_in_its_own_names_and_types(fitted):
    frame, method = fitted
    synthetic = method.sample(seed=1)
    assert list(synthetic) == list(frame)
    assert (synthetic.dtypes == frame.dtypes).all()
    assert set(synthetic["arm"]) <= {"control", "new"}
    for name in ("age", "dose"):
        assert synthetic[name].between(frame[name].min(), frame[name].max()).all()


def test_every_outcome_is_copied_once_and_the_order_is_shuffled(fitted):
    frame, method = fitted
    synthetic = method.sample(seed=1)
    pairs = [list(zip(t["weeks"], t["relapse"], strict=True)) for t in (synthetic, frame)]
    assert sorted(pairs[0]) == sorted(pairs[1])
    assert pairs[0] != pairs[1]
    source = method.source(Draw(len(frame), None, 1))
    assert (frame["weeks"].to_numpy()[source] == synthetic["weeks"]).all()


def test_sampling_is_a_function_of_the_seed(fitted):
    _, method = fitted
    pd.testing.assert_frame_equal(method.sample(seed=3), method.sample(seed=3))
    assert not method.sample(seed=3).equals(method.sample(seed=4))
    assert len(method.sample(n=321, seed=3)) == 321


@pytest.mark.parametrize("n", [0, -1, 2.5, True])
def test_a_wrong_number_of_rows_is_refused(fitted, n):
    with pytest.raises(InputError, match="n_samples"):
        fitted[1].sample(n=n)


def test_fitting_twice_with_one_seed_gives_the_same_rows(fitted):
    frame, method = fitted
    again = CK4Gen(**SHORT).fit(frame, duration="weeks", event="relapse")
    pd.testing.assert_frame_equal(method.sample(seed=2), again.sample(seed=2))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"encoder": {"componets": 3}}, "method.encoder has no key 'componets'; its keys are hid"),
        ({"encoder": {"activation": "gelu"}}, "activation is 'gelu'; choose one of relu"),
        (
            {"encoder": {"components": 0}},
            "components is 0; it must be a whole number of at",
        ),
        ({"decoder": {"hidden": 64}}, "method.decoder.hidden is 64; it must be a list"),
        ({"numeric": "log"}, "method.numeric is 'log'; choose one of boxcox, quantile, minmax"),
        ({"teacher": {"penalizer": -1}}, "method.teacher.penalizer is -1"),
    ],
)
def test_wrong_settings_name_the_right_ones(keys, sentence):
    with pytest.raises(InputError, match=sentence):
        CK4Gen(**keys)


def test_a_wrong_variant_names_the_right_one():
    with pytest.raises(InputError, match=r"no method 'ck4gen_fre'; .* Did you mean 'ck4gen_free'"):
        CK4Gen("ck4gen_fre")


def test_bootstrap_rows_are_real_and_known():
    data = GBSG2DataModule()
    method = Bootstrap().fit(data)
    sample = method.sample(seed=5)
    source = method.source(Draw(len(data.train), None, 5))
    pd.testing.assert_frame_equal(sample, data.train.iloc[source].reset_index(drop=True))
    assert 0.6 < len(set(source)) / len(source) < 0.67  # 1 - 1/e, three standard errors


def test_fresh_needs_and_returns_the_holdout():
    with pytest.raises(InputError, match="run it with split=audit"):
        Fresh().fit(GBSG2DataModule())
    data = GBSG2DataModule(split="audit")
    method = Fresh().fit(data)
    sample = method.sample(seed=1)
    assert sorted(map(tuple, sample.to_numpy())) == sorted(map(tuple, data.holdout.to_numpy()))
    with pytest.raises(InputError, match="only 206 patients"):
        method.sample(n=207)


@pytest.mark.slow
def test_methods_fitted_on_one_data_module_do_not_disturb_each_other():
    """A VAE once decoded with the transforms of the CK4Gen that was fitted after it."""
    data = WHAS500DataModule()
    vae = VAE(network={"steps": 20}).fit(data)
    before = vae.sample(seed=1)
    CK4Gen(**SHORT).fit(data)
    pd.testing.assert_frame_equal(vae.sample(seed=1), before)


def test_a_data_module_is_read_only_after_setup():
    data = WHAS500DataModule()
    with pytest.raises(RuntimeError, match=r"call setup\(\)"):
        _ = data.train
    data.setup()
    for name in ("train", "holdout"):
        with pytest.raises(AttributeError):
            setattr(data, name, None)
    tensors = data.encode("boxcox").tensors
    with pytest.raises(TypeError):
        tensors["record"] = tensors["x"]


def curve(times, event, group=10):
    """Censoring or event curve of times whose covariates don't matter."""
    times = np.asarray(times, float)
    distinct, happened = np.unique(times[event == 1], return_counts=True)
    at_risk = (times[:, None] >= distinct).sum(0)
    baseline = pd.Series((happened / at_risk).cumsum(), distinct)
    none = pd.Series({"x": 0.0})
    own = times[event == 1]
    return HazardCurve(Law(none, none, baseline), own, np.ones(len(own)), Knots(group, 1, group))


def drawn(law, n=20_000):
    uniform = (np.arange(n) + 0.5) / n
    return law.time_at(pd.DataFrame({"x": np.zeros(n)}), uniform)


def test_the_end_of_a_study_is_no_ramp():
    """36 patients censored at day 182, 89 with events before: nobody is censored earlier."""
    days = np.r_[np.linspace(1, 170, 89), np.full(36, 182.0)]
    law = curve(days, np.r_[np.zeros(89), np.ones(36)])
    assert (drawn(law)[drawn(law) < 182]).size == 0


def test_times_in_whole_years_keep_their_curve():
    rng = np.random.default_rng(0)
    years = np.ceil(rng.exponential(4, 3000)).clip(max=9)
    found = drawn(curve(years, np.ones(3000)))
    for year in range(1, 9):
        # a jump of the hazard by d leaves exp(-d) of the survivors, Kaplan and Meier's 1 - d
        assert np.mean(found > year) == pytest.approx(np.mean(years > year), abs=0.06)
    assert np.isin(found[found <= 8], np.arange(1, 9)).all()


@pytest.mark.parametrize("late", [14, 400])
def test_who_is_censored_late_is_so_in_the_draw(late):
    """One knot, or many: in the first half of the study nobody is censored."""
    days = np.linspace(900, 1000, late)
    found = drawn(curve(days, np.ones(late)))
    assert (found < 500).mean() < 0.01
    assert np.quantile(found, 0.25) == pytest.approx(np.quantile(days, 0.25), rel=0.06)


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_early_times_keep_their_shape(power):
    """A power law up to a censored end: the share before half of the first knot is as it was."""
    rng = np.random.default_rng(0)
    days = 1000 * rng.random(400) ** (1 / power)
    law = curve(days, np.ones(400), group=200)
    early = law.time[1] / 2
    # share of 400: SD 0.025 at most
    assert (drawn(law) < early).mean() == pytest.approx((days < early).mean(), abs=0.04)


def test_a_hazard_is_the_inverse_of_its_times():
    law = curve(np.linspace(100, 1000, 60), np.ones(60), group=20)
    uniform = np.linspace(0.01, 0.99, 50)
    times = law.time_at(pd.DataFrame({"x": np.zeros(50)}), uniform)
    np.testing.assert_allclose(law._hazard_at(times), -np.log(uniform))


def test_a_curve_of_few_times_has_one_knot_and_goes_on():
    law = curve(np.linspace(10, 100, 7), np.ones(7))
    assert len(law.time) == 2
    assert np.isfinite(drawn(law)).all()
    assert drawn(law).max() > 100
