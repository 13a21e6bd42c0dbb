"""Every file of every configuration group: a new one is tested the day that it exists."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf

from ck4gen.config import CONF, built, check_complete, choices, defaults
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.methods.base import Synthesizer
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, build

OF_THE_USER = "own"  # a class that the user has to name
PARENTS = {  # groups whose files are mounted within another one
    "calibration": ("method=ck4gen_free", "calibration@method.calibration"),
    "decoder": ("method=ck4gen", "decoder@method.decoder"),
    "encoder": ("method=ck4gen", "encoder@method.encoder"),
    "teacher": ("method=ck4gen", "teacher@method.teacher"),
    "residuals": ("method=ck4gen", "residuals@method.residuals"),
    "latents": ("method=ck4gen_free", "latents@method.latents"),
    "outcomes": ("method=ck4gen", "outcomes@method.outcomes"),
    "guard": ("method=ck4gen_free", "guard@method.guard"),
}
SCRIPTS = {"columns": "collect", "search": "search"}  # groups of another script than train
STEPS = ["encoder.steps", "decoder.steps", "network.steps"]
FEWEST = dict.fromkeys(STEPS, 5) | {"calibration.least_norm_steps": 2, "calibration.steps": 2}
AGAIN = ("_reselected", "_calibrated")  # what has methods of its own, around another one
METHODS = [
    pytest.param(name, marks=pytest.mark.slow) if name.endswith(AGAIN) else name
    for name in choices("method")
    if name != OF_THE_USER
]


def groups():
    return sorted(folder.name for folder in CONF.iterdir() if folder.is_dir())


# hydra is Hydra's own; every method is fitted below, every sweep is composed in test_sweeps.py
GROUPS = [group for group in groups() if group not in ("hydra", "method", "sweep")]
LEAVES = [(g, leaf) for g in GROUPS for leaf in choices(g) if leaf != OF_THE_USER]


def composed(group, leaf):
    """The whole configuration of a script with this file."""
    parent, key = PARENTS.get(group, (None, group))
    overrides = [parent] * bool(parent) + [f"{key}={leaf}"]
    return defaults(*overrides, script=SCRIPTS.get(group, "train"))


@pytest.mark.parametrize(("group", "leaf"), LEAVES, ids=lambda name: name)
def test_every_file_composes(group, leaf):
    """By itself, which takes a tenth of the time, unless it names keys of all the configuration."""
    of_all = "@package _global_" in (CONF / group / f"{leaf}.yaml").read_text()
    whole = of_all or group == "logger"
    config = OmegaConf.create(
        composed(group, leaf) if whole else defaults(script=f"{group}/{leaf}")
    )
    if group == "data" and leaf in ("csv", "published"):
        config.data.path = "cohort.csv"
    check_complete(config)
    if group == "evaluation":
        build(EvaluationSettings, "evaluation", OmegaConf.to_container(config.evaluation))


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_its_place_in_a_whole_configuration(group):
    leaf = max(set(choices(group)) - {"published", OF_THE_USER})
    check_complete(OmegaConf.create(composed(group, leaf)))


def test_what_a_caller_changes_is_its_own():
    defaults()["trainer"]["threads"] = 99
    assert defaults()["trainer"]["threads"] != 99


@pytest.fixture(scope="module")
def toy():
    """60 patients, every kind of column, two thirds with an event."""
    generator = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "age": generator.integers(40, 80, 60),
            "marker": generator.normal(size=60).round(2),
            "smoker": generator.integers(0, 2, 60),
            "stage": generator.choice(["I", "II"], 60),
        }
    )
    frame[DURATION] = generator.exponential(300, 60).round().astype(int) + 1
    frame[EVENT] = (generator.random(60) < 2 / 3).astype(int)
    return frame


PUBLIC = "it can't be read off the table itself"


def refused():
    """Methods that this cohort, or this environment, does not allow, and what they say."""
    reasons = {
        "fresh": "needs held-out patients",
        **dict.fromkeys(("ck4gen_private", "mst", "aim"), PUBLIC),
    }
    for package, names in {"ctgan": ("ctgan", "tvae"), "snsynth": ("mst", "aim")}.items():
        if find_spec(package) is None:
            reasons |= dict.fromkeys(names, "which is not installed")
    return reasons


@pytest.mark.filterwarnings("ignore:calibration was not met", "ignore:.*events per covariate")
@pytest.mark.parametrize("name", METHODS)
def test_every_method_fits_a_small_cohort(name, toy):
    node = defaults(script=f"method/{name}")["method"]
    for path, most in FEWEST.items():
        group, _, entry = path.partition(".")
        if isinstance(node.get(group), dict) and entry in node[group]:
            node[group][entry] = min(node[group][entry], most)
    settings = build(TrainerSettings, "trainer", defaults("trainer=smoke")["trainer"])
    if name in refused():
        with pytest.raises(InputError, match=refused()[name]):
            built(node).fit(toy, training=Training(settings, seed=0))
        return
    method = built(node)
    assert isinstance(method, Synthesizer)
    method.fit(toy, training=Training(settings, seed=0))
    table = method.sample(seed=1)
    assert list(table) == list(toy)
    assert not table.isna().any(axis=None)
    assert set(table[EVENT]) <= {0, 1}
