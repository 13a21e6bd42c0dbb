"""Methods and datasets that no file of the package names."""

import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pandas as pd
import pytest

from ck4gen import extensions
from ck4gen.cli.main import main
from ck4gen.config import ROOT, built, choices, defaults
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.settings import build

OWN = {
    "method": "gaussian_copula:GaussianCopula",
    "data": "veterans:VeteransDataModule",
}


@pytest.fixture(autouse=True)
def examples(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    yield
    for name in ("energy_distance", "gaussian_copula", "risk_scores", "veterans"):
        sys.modules.pop(name, None)


@pytest.fixture
def fast():
    return build(EvaluationSettings, "evaluation", defaults("evaluation=fast")["evaluation"])


@pytest.fixture
def declared(monkeypatch):
    """As if a package declared the examples as entry points."""
    groups = {
        "ck4gen.methods": [("copula", OWN["method"])],
        "ck4gen.datasets": [("vets", OWN["data"])],
    }

    def entry_points(group):
        return [EntryPoint(name, value, group) for name, value in groups[group]]

    monkeypatch.setattr(extensions, "entry_points", entry_points)
    extensions.register_extensions.cache_clear()
    yield
    extensions.register_extensions.cache_clear()
    for group, name in (("method", "copula"), ("data", "vets")):
        extensions.ConfigStore.instance().repo[group].pop(f"{name}.yaml", None)


def test_the_copula_keeps_marginals_and_dependence(examples):
    from gaussian_copula import GaussianCopula

    data = WHAS500DataModule()
    synthetic = GaussianCopula().fit(data).sample(n=4000, seed=1)
    train = data.train
    assert list(synthetic) == list(train)
    pd.testing.assert_series_equal(synthetic.dtypes, train.dtypes)
    # 4 standard errors of a share, and of a mean, in 4000 rows
    assert synthetic["cvd"].mean() == pytest.approx(train["cvd"].mean(), abs=0.03)
    assert synthetic["age"].mean() == pytest.approx(
        train["age"].mean(), abs=0.06 * train["age"].std()
    )
    real, made = (
        t[["sysbp", "diasbp"]].corr(method="spearman").iloc[0, 1] for t in (train, synthetic)
    )
    assert made == pytest.approx(real, abs=0.1)


def test_entry_points_are_configurations_with_the_keys_of_the_class(declared):
    node = defaults("method=copula")["method"]
    assert node == {
        "name": "copula",
        "_target_": "gaussian_copula.GaussianCopula",
        "shrinkage": 0.01,
    }
    assert built(defaults("method=copula", "method.shrinkage=0.5")["method"]).shrinkage == 0.5
    assert "copula" in choices("method")
    data = built(defaults("data=vets")["data"])
    data.setup()
    assert len(data.train) == 137
    assert "own" in choices("data")


def test_an_entry_point_that_fails_is_named_and_left_out(monkeypatch):
    broken = EntryPoint("broken", "no_such_module:Thing", "ck4gen.methods")
    monkeypatch.setattr(
        extensions, "entry_points", lambda group: [broken] if group == "ck4gen.methods" else []
    )
    extensions.register_extensions.cache_clear()
    with pytest.warns(UserWarning, match="no_such_module:Thing cannot be imported and is left out"):
        extensions.register_extensions()
    assert "broken" not in choices("method")
    extensions.register_extensions.cache_clear()


def test_the_energy_distance_is_a_metric_like_the_others(examples, fast):
    data = WHAS500DataModule()
    data.setup()
    half = data.train.sample(frac=0.5, random_state=0)
    other = data.train.drop(half.index)
    settings = replace(fast, extra=["energy_distance.energy_distance"])
    shifted = half.assign(age=half["age"] + 30)
    values = [
        evaluate(half, table, data.schema, settings=settings)["fidelity/own_energy_distance"].value
        for table in (half, other, shifted)
    ]
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert 0 < values[1] < 0.1 < values[2]


@pytest.mark.slow
def test_files_of_a_folder_of_ones_own_join_the_packaged_ones_in_a_sweep(
    examples, cohort, tmp_path, monkeypatch
):
    """As docs/commands.md has it, "Something of your own"."""
    monkeypatch.chdir(tmp_path)
    cohort.to_csv("mine.csv", index=False)
    files = {
        "data": "defaults: [csv]\nname: mine\npath: mine.csv\nduration: days\nevent: died\n",
        "method": "name: mine\n_target_: gaussian_copula.GaussianCopula\nshrinkage: 0.05\n",
    }
    for group, text in files.items():
        (tmp_path / "conf" / group).mkdir(parents=True)
        (tmp_path / "conf" / group / "mine.yaml").write_text(text)
    grid = "data=mine,whas500 method=mine,bootstrap evaluation=fast output_dir=out"
    main(["sweep", "--config-dir", "conf", *grid.split()])
    reports = sorted(file.parts[2:4] for file in Path().glob("out/runs/*/*/*/*/report.json"))
    assert reports == [
        (data, method) for data in ("mine", "whas500") for method in ("bootstrap", "mine")
    ]


@pytest.mark.slow
def test_all_four_together_from_the_command_line(tmp_path, monkeypatch):
    """A method, a dataset, a metric and a figure that no file of the package names."""
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "examples" not in entry])
    monkeypatch.chdir(ROOT / "examples")  # where the command is called, and modules are found
    report = "report generator=gaussian_copula training=smoke dpi=60 only="
    lines = (
        "train data=own data.name=veterans data._target_=veterans.VeteransDataModule method=own "
        "method.name=gaussian_copula method._target_=gaussian_copula.GaussianCopula "
        "+method.shrinkage=0.05 evaluation=fast trainer=smoke "
        "evaluation.extra=[energy_distance.energy_distance]",
        f"{report}tables/veterans/realism",
        f"{report}figures/veterans/risk_scores extra=[risk_scores.risk_scores]",
    )
    for line in lines:
        main([*line.split(), f"output_dir={tmp_path}"])
    realism = (tmp_path / "report" / "tables" / "veterans" / "realism.md").read_text()
    assert "gaussian_copula" in realism
    assert "Energy distance" in realism
    assert (tmp_path / "report" / "figures" / "veterans" / "risk_scores.png").is_file()
