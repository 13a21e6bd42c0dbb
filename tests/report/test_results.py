"""Runs are found by their configuration, and what is missing is named by a command."""

import pytest

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
        "seed=0,1,2,3,4 trainer=smoke hydra/launcher=local",
        "ck4gen augment -m data=whas500 protocol=author method=gan trainer=smoke "
        "hydra/launcher=local",
    ]
    with pytest.raises(MissingRuns):
        results.compared("gbsg2", "audit", ["arf", "gan"])


def test_an_empty_folder_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"no finished run under .* sweep=smoke"):
        Results(tmp_path)
