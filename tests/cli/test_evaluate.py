"""Many runs at once: each is evaluated, whatever happens to the others."""

import shutil

import pytest

from ck4gen.cli.main import main
from ck4gen.experiments.make_run import make_run
from ck4gen.experiments.store import read_report, write_report
from conftest import compose

KEYS = ["data=whas500", "method=bootstrap", "evaluation=fast"]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    for seed in (0, 1):
        make_run(compose("train", *KEYS, f"seed={seed}", f"output_dir={folder}"))
    return folder


def pattern(outputs):
    return f"run={outputs}/runs/whas500/*/release/*"


def test_every_run_that_matches_is_evaluated(outputs, capsys):
    main(["evaluate", pattern(outputs), "evaluation=fast"])
    text = capsys.readouterr().out
    assert [f"split=release, seed={seed}" in text for seed in (0, 1)] == [True, True]


def test_one_that_fails_does_not_stop_the_others(outputs, tmp_path, capsys):
    shutil.copytree(outputs, tmp_path, dirs_exist_ok=True)
    broken = next(tmp_path.glob("runs/whas500/*/release/seed=0*"))
    (broken / "synthetic.csv").write_text("")
    report = read_report(broken)
    report["hashes"]["evaluation"] = "that of other code"  # what is current is not repeated
    write_report(broken, report)
    with pytest.raises(SystemExit, match=r"1 of 2 runs could not be evaluated.*seed=0"):
        main(["evaluate", pattern(tmp_path), "evaluation=fast"])
    printed = capsys.readouterr()
    assert f"failed: {broken}: " in printed.err
    assert "split=release, seed=1" in printed.out


@pytest.mark.slow
def test_a_lesser_evaluation_replaces_a_full_one_by_force_alone(outputs, tmp_path, capsys):
    shutil.copytree(outputs, tmp_path, dirs_exist_ok=True)
    folder = next(tmp_path.glob("runs/whas500/*/release/seed=0*"))
    report = read_report(folder)
    report["config"]["evaluation"]["name"] = "full"
    write_report(folder, report)
    with pytest.raises(SystemExit, match="holds a full evaluation, which evaluation=fast would"):
        main(["evaluate", f"run={folder}", "evaluation=fast"])
    main(["evaluate", f"run={folder}", "evaluation=fast", "force=true"])
    assert read_report(folder)["config"]["evaluation"]["name"] == "fast"


def test_a_pattern_without_runs_is_a_mistake(tmp_path):
    with pytest.raises(SystemExit, match="matches no finished run"):
        main(["evaluate", f"run={tmp_path}/*"])


def test_the_run_to_evaluate_is_asked_for():
    with pytest.raises(SystemExit, match="error: run has no value; give it as run="):
        main(["evaluate"])
