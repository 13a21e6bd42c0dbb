"""A shared sampler: what its file holds, and cohorts from it where the real one never was."""

import shutil
import subprocess
import sys
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from sklearn.mixture import GaussianMixture

from ck4gen import CK4Gen
from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.cli.main import main
from ck4gen.config import ROOT
from ck4gen.data.quantile_map import QuantileFunction, QuantileMap
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments.make_run import make_run
from ck4gen.guard.secret_weights import SECRET_LENGTH
from ck4gen.methods.ck4gen.gaussian_mixture_latents import MixtureOfGaussians
from ck4gen.methods.ck4gen.reconstructed_latents import Reconstruct
from ck4gen.methods.ck4gen.shared_sampler import load, pack, unpack
from conftest import compose

pytestmark = pytest.mark.filterwarnings("ignore:calibration was not met")  # a few steps only
SECRET = b"1" * SECRET_LENGTH  # with another one in each run a weight would hit a value, at times
FEW = {"least_norm_steps": 3, "steps": 3}
SHORT = {"encoder": {"steps": 20}, "decoder": {"steps": 20}, "calibration": FEW}


def patients() -> pd.DataFrame:
    """Every kind of column and 301 rows; numerics and times so fine that none is hit by chance."""
    generator = np.random.default_rng(0)
    n = 301
    frame = pd.DataFrame(
        {
            "age": generator.uniform(30, 90, n).round(4),
            "marker": generator.normal(0, 2, n).round(4),
            "smoker": generator.integers(0, 2, n),
            "stage": generator.choice(["early", "late", "middle"], n),
        }
    )
    risk = 0.03 * (frame["age"] - 60) + 0.5 * frame["smoker"] + 0.6 * (frame["stage"] == "late")
    times, censoring = generator.exponential(400 * np.exp(-risk)), generator.uniform(0, 1200, n)
    frame[DURATION] = np.minimum(times, censoring).round(4) + 0.0001
    frame[EVENT] = (times <= censoring).astype(int)
    return frame


@pytest.fixture(scope="module")
def free():
    data = FrameDataModule(patients(), DURATION, EVENT, 10)
    return CK4Gen("ck4gen_free", **SHORT).fit(data, secret=SECRET)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Folder of a run of ``ck4gen_free``."""
    root = tmp_path_factory.mktemp("shared")
    cohort = patients().rename(columns={DURATION: "days", EVENT: "died"})
    cohort["died"] = cohort["died"].map({0: "no", 1: "yes"})
    cohort.loc[cohort.index % 5 == 0, "stage"] = None
    cohort.to_csv(root / "cohort.csv", index=False)
    (root / "secret.key").write_bytes(SECRET)
    (root / "secret.key").chmod(0o600)
    keys = [
        "data=csv", f"data.path={root}/cohort.csv", "data.duration=days", "data.event=died",
        "method=ck4gen_free", *(f"method.calibration.{key}={steps}" for key, steps in FEW.items()),
        "trainer=smoke", "evaluation=fast",
        f"output_dir={root}", "seed=4",
    ]  # fmt: skip
    return make_run(compose("train", *keys)).folder


def numbers(state):
    """Every number in a state, however deep."""
    if isinstance(state, dict):
        state = list(state.values())
    if isinstance(state, list | tuple):
        return np.concatenate([numbers(part) for part in state] or [[]])
    if isinstance(state, torch.Tensor):
        return state.double().numpy().ravel()
    assert state is None or isinstance(state, bool | int | float | str)
    return np.array([] if state is None or isinstance(state, str) else [float(state)])


def found(state, values):
    """Those of ``values`` that stand in ``state``, to the precision of a float32."""
    held = numbers(state)
    return [v for v in values if np.isclose(held, v, rtol=1e-7, atol=0).any()]


def extremes(train):
    """Ends of the numerics, which are those of one patient."""
    return [end(train[name]) for name in ("age", "marker") for end in (min, max)]


@pytest.mark.slow
def test_no_value_of_one_patient_stands_in_the_file(finished):
    state = torch.load(finished / "sampler.pt", weights_only=True)
    train = patients()
    assert len(numbers(state)) > 1000
    assert found(state, extremes(train)) == []
    assert found(state, train[DURATION]) == []
    assert found(state, [*train["age"], *train["marker"]]) == []


def test_the_walk_finds_what_is_planted(free):
    train, sampler = free.data.train, free.sampler
    single = {
        n: QuantileMap.of(
            np.arange(3.0), QuantileFunction(train[n].to_numpy(float), np.ones(301), 1), 3
        )
        for n in ("age", "marker")
    }
    planted = replace(
        sampler, record_decoder=RecordDecoder(sampler.record_decoder.record_encoder, single)
    )
    assert found(pack(planted, 301, 0.0, 1, None), extremes(train)) == extremes(train)
    exact = Conditions.of(
        free.data.cohort, {1: 0.0}, ["cox", "periods"], 20, group=1, points=10, most_terms=150
    )
    calibration = replace(sampler.calibration, conditions=exact)
    state = pack(replace(sampler, calibration=calibration), 301, 0.0, 1, None)
    events = train.loc[train[EVENT] == 1, DURATION]
    assert found(state, train[DURATION]) == [events.quantile(0.5, "higher")]  # cuts follow-up


ONE = {"steps": 1}  # means of the covariates do not depend on the networks


def told_of(rows: pd.DataFrame, guard: dict):
    """The sampler's file of these patients: n times the means of the design, and its SDs."""
    method = CK4Gen("ck4gen_free", encoder=ONE, decoder=ONE, guard=guard)
    fitted = method.fit(FrameDataModule(rows, DURATION, EVENT, 10), secret=b"s" * 32)
    analysis = unpack(fitted.shareable()).sampler.calibration.conditions.analysis
    return len(rows) * analysis.mean, analysis.sd, fitted.data.schema


def recovered(guard: dict, *taken: int) -> np.ndarray:
    """What the holder of two files, with and without a patient, takes for the covariates.

    n times the mean less n - 1 times the mean without, less the truth, in SDs; of each patient.
    """
    train = patients()
    whole, _, schema = told_of(train, guard)
    gaps = []
    for patient in taken:
        without, sd, _ = told_of(train.drop(index=patient).reset_index(drop=True), guard)
        gaps.append(((whole - without - schema.design(train).loc[patient]) / sd).to_numpy())
    return np.concatenate(gaps)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:method.guard.noise is 0")
def test_two_files_with_and_without_a_patient_differ_by_noise():
    exact = recovered({"noise": 0.0, "cap": None}, 7)
    assert np.abs(exact).max() < 1e-6  # the leak that the guard closes
    guarded = recovered({}, 7, 100, 250)
    # noise of sqrt(2 n) tau = 12 SDs
    assert np.sqrt((guarded**2).mean()) > 3


def test_a_sampler_with_a_number_of_few_patients_is_not_shared(free):
    assert free.shareable() is not None
    few = {
        "settings": [replace(free.settings, quantile_group=group) for group in (9, None)],
        "outcomes": [replace(free.outcomes, **keys) for keys in ({"group": 19}, {"least": 9})],
        "latents": [Reconstruct()],
        "data": [
            free.data.with_parts(
                free.data.train.assign(event=(np.arange(301) > 0).astype(int)), None
            )
        ],
    }
    for name, values in few.items():
        for value in values:
            other = copy(free)
            setattr(other, name, value)
            assert other.shareable() is None
    other = copy(free)
    other.calibration_settings = replace(free.calibration_settings, min_events=9)
    assert other.shareable() is None


def test_two_kinds_of_patients_are_two_components():
    """A table of one yes-or-no column: latents are two points of a wide space, and stay two."""
    generator = torch.Generator().manual_seed(0)
    one, other = torch.randn(2, 16, generator=generator)
    latent = torch.where(torch.arange(100)[:, None] < 30, one, other)
    mixture = MixtureOfGaussians(5, 5, 20_000).fit(latent, torch.ones(100), 0.0, seed=0)
    assert sorted(mixture.weights.round(3)) == [0.3, 0.7]


def test_no_component_of_the_mixture_holds_few_patients():
    generator = torch.Generator().manual_seed(0)
    latent = torch.randn(200, 2, generator=generator)
    latent[:4] = 30 + 0.1 * latent[:4]
    fit = GaussianMixture(2, random_state=0).fit(latent.numpy())
    assert round(fit.weights_.min() * 200) == 4  # what BIC alone would choose
    assert fit.bic(latent.numpy()) < GaussianMixture(1).fit(latent.numpy()).bic(latent.numpy())
    mixture = MixtureOfGaussians(5, 5, 20_000).fit(latent, torch.ones(len(latent)), 0.0, seed=0)
    assert mixture.weights.min() * 200 >= 10


@pytest.mark.slow
def test_a_stranger_gets_the_very_bytes_of_the_run(finished, tmp_path):
    shutil.copy(finished / "sampler.pt", tmp_path / "gift.pt")
    keys = ["run=gift.pt", "n=301", "seed=4", "out=cohort.csv"]
    command = [sys.executable, str(ROOT / "scripts" / "generate.py"), *keys]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    for ours, theirs in (("cohort.csv", "synthetic.csv"), ("cohort.schema.yaml", "schema.yaml")):
        assert (tmp_path / ours).read_bytes() == (finished / theirs).read_bytes()
        assert str(tmp_path / ours) in done.stdout
    drawn = pd.read_csv(tmp_path / "cohort.csv")
    assert list(drawn)[-2:] == ["days", "died"]
    assert set(drawn["died"]) == {"no", "yes"}
    assert 0.1 < drawn["stage"].isna().mean() < 0.3
    assert not list(tmp_path.glob(".*"))
    assert "too narrow by a factor of 1.12" in done.stdout  # the guard's noise


def generate(monkeypatch, *keys):
    main(["generate", *keys])


@pytest.mark.slow
def test_more_rows_come_with_a_warning(finished, tmp_path, monkeypatch, capsys):
    out = tmp_path / "large.csv"
    generate(monkeypatch, f"run={finished}", "n=1204", f"out={out}")
    assert "too narrow by a factor of 2.24" in capsys.readouterr().out
    assert len(pd.read_csv(out)) == 1204
    book = yaml.safe_load((tmp_path / "large.schema.yaml").read_text())
    assert (book["rows"], book["effective_n"], book["standard_error_factor"]) == (1204, 301, 2.2361)
    before = out.read_bytes()
    with pytest.raises(SystemExit, match="is there already; name another out=, or set force=true"):
        generate(monkeypatch, f"run={finished}", f"out={out}")
    assert out.read_bytes() == before
    generate(monkeypatch, f"run={finished}", f"out={out}", "n=50", "force=true")
    assert len(pd.read_csv(out)) == 50
    parquet = tmp_path / "large.parquet"
    generate(monkeypatch, f"run={finished}", f"out={parquet}", "n=50", "force=true")
    pd.testing.assert_frame_equal(
        pd.read_parquet(parquet).fillna(np.nan), pd.read_csv(out), check_dtype=False
    )


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (["run=."], "run=. holds no sampler.pt; method=ck4gen_free writes one"),
        (["run=note.pt"], "note.pt is no sampler, or a damaged one: it has no format"),
        (["run=other.pt"], "other.pt is no sampler, or a damaged one: it has no format"),
        (["run=code.pt"], "code.pt is no sampler, or a damaged one: it can't be read"),
        (["run=old.pt"], "old.pt has format 3, and this ck4gen reads 20; use ck4gen 9.9.9"),
        (["run=.", "n=0"], "n is 0; it must be a whole number of at least 1"),
        (["run=.", "seed=1.5"], "seed is 1.5; it must be a whole number of at least 0"),
        (["run=.", "force=1"], "force is 1; it must be true or false"),
        (
            ["run=.", "out=a.xlsx"],
            "out=a.xlsx ends in no format of tables; name a .csv or .parquet",
        ),
        (["run=.", "rows=5"], "the configuration has no key 'rows'; its keys are run, n, seed"),
        ([], "run has no value; give it as run=..."),
    ],
)
def test_a_mistake_gets_one_sentence(keys, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.pt").write_text("a note")
    torch.save({"weights": 1}, tmp_path / "other.pt")
    torch.save({"format": 4, "code": Path("/")}, tmp_path / "code.pt")  # nothing is executed
    torch.save({"format": 3, "ck4gen": "9.9.9"}, tmp_path / "old.pt")
    with pytest.raises(SystemExit) as stopped:
        generate(monkeypatch, "out=cohort.csv", *keys)
    assert sentence in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert not list(tmp_path.glob("*.csv"))


def test_a_restored_sampler_draws_as_the_fitted_one(free, tmp_path):
    torch.save(free.shareable(), tmp_path / "sampler.pt")
    restored = load(tmp_path / "sampler.pt")
    pd.testing.assert_frame_equal(restored.sample(120, 3), free.sample(120, 3), check_exact=True)


@pytest.mark.slow
def test_a_file_keeps_rules_and_aliased_terms(tmp_path):
    frame = patients()
    age, marker = frame["age"].round(), frame["marker"].round(1)
    frame = frame.assign(age=age, marker=marker, old=(age >= 65).astype(int), sum=age + marker)
    data = FrameDataModule(frame, DURATION, EVENT, 10)
    with pytest.warns(UserWarning, match="sum follows from age, marker"):
        method = CK4Gen("ck4gen_free", **SHORT).fit(data)
    torch.save(method.shareable(), tmp_path / "sampler.pt")
    table = load(tmp_path / "sampler.pt").sample(len(frame), 1)
    pd.testing.assert_frame_equal(table, method.sample(seed=1))
    assert ((table["age"] >= 65) == table["old"]).all()
    assert (table["sum"] - table["age"] - table["marker"]).abs().max() < 1e-9
