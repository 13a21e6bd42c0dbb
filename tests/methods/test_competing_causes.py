"""Tables with causes that compete: each cause keeps its own hazards."""

import numpy as np
import pandas as pd
import pytest

from ck4gen import CK4Gen
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.competing_causes import incidence_distance
from ck4gen.methods.bootstrap import Bootstrap
from ck4gen.methods.ck4gen import shared_sampler
from ck4gen.methods.vae import VAE
from ck4gen.settings import InputError
from ck4gen.survival.cox import fit_cox
from conftest import briefly

HEADS = {"steps": 60, "epochs": 0}  # epochs would ask for more steps
SHORT = {"encoder": {"steps": 60}, "decoder": {"steps": 150}, "residuals": HEADS}


def registry(n=500):
    """Age drives the second cause alone, dose the first alone."""
    rng = np.random.default_rng(0)
    age, dose = rng.normal(size=n).round(3), rng.normal(size=n).round(3)
    first = rng.exponential(100 * np.exp(-0.7 * dose))
    second = rng.exponential(120 * np.exp(-0.7 * age))
    end = rng.uniform(20, 200, n)
    times = np.stack([end, first, second])
    return pd.DataFrame(
        {
            "age": age,
            "dose": dose,
            "arm": rng.choice(["new", "old"], n),
            "days": times.min(0).round(1),
            "status": times.argmin(0),
        }
    )


@pytest.fixture(scope="module")
def data():
    module = FrameDataModule(registry(), "days", "status")
    module.setup()
    return module


@pytest.fixture(scope="module")
def fitted(data):
    guard = {"noise": 0.0, "cap": None}  # exact, so that the calibration alone is looked at
    with pytest.warns(UserWarning, match=r"guard\.noise is 0"):
        return CK4Gen("ck4gen_free", guard=guard, **SHORT).fit(data)


@pytest.mark.slow
def test_each_cause_keeps_its_hazard_ratios(data, fitted):
    synthetic = fitted.sample(seed=1)
    assert list(synthetic)[-3:] == ["duration", "event", "cause"]
    assert (synthetic["event"] == (synthetic["cause"] == 1)).all()
    for cause in (1, 2):
        real, made = (
            fit_cox(data.schema.design(t), t["duration"], t["cause"] == cause)
            for t in (data.train, synthetic)
        )
        gap = (made.coefficients - real.coefficients).abs() / real.standard_errors
        assert gap.max() < 0.2, cause  # the calibration's own max_error
    assert fitted.diagnostics["calibration/causes"] < 0.1
    # outcomes are dealt out evenly: below the 0.03 of two samples of 500
    assert incidence_distance(data.train, synthetic) < 0.025


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:calibration was not met")
def test_a_sampler_draws_the_same_causes(fitted):
    method = briefly(fitted)
    again = shared_sampler.unpack(method.shareable()).sample(None, 3)
    pd.testing.assert_frame_equal(again, method.sample(seed=3))


@pytest.mark.slow
def test_the_guard_caps_and_counts_the_hazard_ratios_of_all_causes(data):
    few = {"steps": 5}  # what is kept does not depend on the networks
    networks = {"encoder": few, "decoder": few, "residuals": few | {"epochs": 0}}
    method = CK4Gen("ck4gen_free", **networks).fit(data, secret=b"1" * 32)
    prices = {k.removeprefix("guard/price/") for k in method.diagnostics if "guard/price" in k}
    assert {"causes", "cox", "events", "events of cause 2", "censoring"} <= prices
    price = method.diagnostics["guard/price/causes"]
    assert price == pytest.approx(3 / (500 * (0.5**2 + 0.05**2)), rel=0.05)


def test_methods_that_draw_no_causes_say_so(data):
    assert set(Bootstrap().fit(data).sample()["cause"]) == {0, 1, 2}
    with pytest.raises(InputError, match=r"VAE draws no causes .* set data\.competing=censor"):
        VAE().fit(data)
