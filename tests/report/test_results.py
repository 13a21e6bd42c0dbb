"""Runs are found by their configuration, and what is missing is named by a command."""

import pytest

from ck4gen.config import ROOT, defaults
from ck4gen.experiments.store import write_json
from ck4gen.report.results import MissingRuns, Results
from ck4gen.settings import InputError

pytestmark = pytest.mark.slow


def test_standard_runs_and_variants_are_told_apart(results):
    runs = results.runs("whas500", "ck4gen", "audit")
    assert [run.seed for run in runs] == [0, 1]
    assert all(run.report["config"]["method"]["noise"] == 0 for run in runs)
    assert len(results.variants) == 2
    assert {run.report["config"]["method"]["noise"] for run in results.variants} == {0, 0.5}
    (narrow,) = results.ablated("whas500", "narrow")
    assert narrow.report["config"]["method"]["encoder"]["latent"] == 6
    assert [run.seed for run in results.ablated("whas500", "published")] == [0, 1]


def test_runs_of_another_trainer_are_no_standard_runs(outputs):
    results = Results(outputs, training="default")
    assert results.packaged_runs == []
    assert len(results.variants) == 16


def test_missing_cells_become_as_few_commands_as_grids_allow(outputs):
    results = Results(outputs, training="smoke")
    assert results.commands() == []
    for dataset in ("gbsg2", "whas500"):
        for method in ("arf", "gan"):
            assert results.runs(dataset, method, "release") == []
    results.runs("whas500", "gan", "author", "augment")
    assert results.commands() == [
        "ck4gen sweep data=gbsg2,whas500 split=release method=arf,gan "
        "seed=0,1,2,3,4 trainer=smoke evaluation=fast hydra/launcher=local "
        f"output_dir={outputs}",
        "ck4gen augment -m data=whas500 protocol=author method=gan trainer=smoke "
        f"hydra/launcher=local output_dir={outputs}",
    ]
    with pytest.raises(MissingRuns):
        results.compared("gbsg2", "audit", ["arf", "gan"])


def test_an_empty_folder_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"no finished run under .* sweep=smoke"):
        Results(tmp_path)


def own(folder, shrinkage, seed, **root):
    """A run of a method of the user's own, whose constructor has the default 0.01."""
    method = {"name": "cop", "_target_": "gaussian_copula.GaussianCopula"}
    if shrinkage is not None:
        method["shrinkage"] = shrinkage
    config = defaults("data=whas500", f"seed={seed}") | {"method": method, "split_seed": seed}
    name = f"seed={seed}-{shrinkage}-{len(root)}"
    report = {
        "dataset": "whas500", "method": "cop", "split": "audit", "seed": seed, "metrics": {},
        "hashes": {"generation": "", "evaluation": ""}, "config": config | root,
    }  # fmt: skip
    write_json(folder / "runs" / "whas500" / "cop" / "audit" / name / "report.json", report)


def test_each_configuration_of_an_own_method_is_a_generator(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    cells = [(None, 0), (0.01, 0), (0.01, 1), *((0.3, seed) for seed in range(4))]
    for shrinkage, seed in cells:
        own(tmp_path, shrinkage, seed)
    results = Results(tmp_path, generator="cop", methods=["cop"])
    assert results.methods == ["cop shrinkage=0.3", "cop shrinkage=0.01"]  # more runs come first
    assert results.generator == "cop shrinkage=0.3"
    runs = results.compared("whas500", "audit")
    seeds = {method: [run.seed for run in group] for method, group in runs.items()}
    assert seeds == {"cop shrinkage=0.3": [0, 1, 2, 3], "cop shrinkage=0.01": [0, 1]}
    assert results.variants == []
    assert {"cop", "cop shrinkage=0.3"} <= results.known_methods
    assert "+method.shrinkage=0.3" in results.command("train", "whas500", "audit", runs)
    alone = Results(tmp_path, generator="cop")
    assert alone.methods == ["cop shrinkage=0.01", "cop shrinkage=0.3"]


def test_runs_of_more_tables_or_of_a_fixed_split_are_no_standard_runs(tmp_path):
    own(tmp_path, 0.3, 0)
    own(tmp_path, 0.3, 1, tables=5)
    own(tmp_path, 0.3, 2, split_seed=7)
    own(tmp_path, 0.3, 3, split_seed=3)
    results = Results(tmp_path)
    assert [run.seed for run in results.packaged_runs] == [0, 3]
    assert [run.seed for run in results.variants] == [1, 2]
