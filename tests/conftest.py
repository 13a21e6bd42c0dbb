import gc

gc.disable()  # until all is imported, which makes a million objects and no garbage

import os
from copy import copy
from dataclasses import replace
from functools import cache

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy and torch start their thread pools

import numpy as np
import pandas as pd
import pytest
from hydra import compose as composed
from hydra import initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from ck4gen.config import CONF
from ck4gen.data.user_table import FrameDataModule

pytest_plugins = ["asked_once", "composed_once"]


def compose(script: str, *overrides: str, hydra: bool = False) -> DictConfig:
    """The configuration of a command, as its command line would make it; also with Hydra's node."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return composed(script, overrides=list(overrides), return_hydra_config=hydra)


BRIEF = [f"method.calibration.{key}" for key in ("least_norm_steps=3", "steps=3", "rounds=1")]


def briefly(method):
    """The same fit of CK4Gen; its tables are calibrated for a few steps."""
    calibration = method.sampler.calibration
    settings = replace(calibration.settings, least_norm_steps=3, steps=3, rounds=1)
    short = copy(method)
    short.sampler = replace(method.sampler, calibration=replace(calibration, settings=settings))
    return short


def pytest_collection_modifyitems(items):
    """Files with slow tests first, so that no process is left alone with one at the end.

    The very first is one of those that share the runs of a report: it makes them while the other
    process is busy elsewhere, and the rest find them made.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    makes = next((item.path for item in items if "outputs" in item.fixturenames), None)
    items.sort(key=lambda item: (item.path != makes, item.path not in slow))


def pytest_collection_finish():
    """What was imported stays: no collection of garbage need look through it again.

    Nor need one come every 700 objects, of which a configuration has thousands that stay a while.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True)
def no_command_left():
    """A command that a test ran is over: the next run is none of it, whatever their order."""
    yield
    HydraConfig.instance().cfg = None


@pytest.fixture
def cohort() -> pd.DataFrame:
    """A user's table: every kind of column, 200 rows, a third censored, ties at t = 0."""
    return patients().copy()


@cache
def patients() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    n = 200
    frame = pd.DataFrame(
        {
            "age": generator.integers(30, 90, n),
            "marker": generator.normal(0, 2, n).round(3),
            "smoker": generator.integers(0, 2, n),
            "stage": generator.choice(["early", "late", "middle"], n),
        }
    )
    risk = 0.03 * (frame["age"] - 60) + 0.5 * frame["smoker"] + 0.6 * (frame["stage"] == "late")
    times = generator.exponential(400 * np.exp(-risk))
    censoring = generator.uniform(0, 1200, n)
    frame["days"] = np.minimum(times, censoring).round().astype(int)
    frame["died"] = (times <= censoring).astype(int)
    frame.loc[:1, ["days", "died"]] = [[0, 1], [0, 1]]
    return frame


@pytest.fixture(scope="session")
def free_whas500():
    """The method behind a guard on WHAS500, its networks trained for a few steps."""
    from ck4gen.data.benchmarks.whas500 import WHAS500DataModule  # seconds, for few files
    from ck4gen.methods.ck4gen import CK4Gen

    few = {"encoder": {"steps": 200}, "decoder": {"steps": 200}, "residuals": {"steps": 100}}
    return CK4Gen("ck4gen_free", **few).fit(WHAS500DataModule(), secret=bytes(32))


@pytest.fixture
def blanks(cohort) -> pd.DataFrame:
    """The user's table without a quarter of the markers and a tenth of the stages."""
    rng = np.random.default_rng(1)
    marker = cohort["marker"].where(rng.random(len(cohort)) > 0.25)
    return cohort.assign(marker=marker, stage=cohort["stage"].where(rng.random(len(cohort)) > 0.1))


def keeping_blanks(frame: pd.DataFrame) -> FrameDataModule:
    """The data module of a user's table whose blanks stay, set up."""
    data = FrameDataModule(frame, "days", "died", missing="keep")
    data.setup()
    return data
