"""The command line as a user meets it: one sentence for a mistake, and nothing left behind."""

import subprocess
import sys

import pytest
from hydra._internal.hydra import Hydra

from ck4gen.cli.main import main
from ck4gen.config import ROOT, built, defaults
from ck4gen.settings import InputError

MISTAKES = {
    "data=gbsg": "there is no data 'gbsg'; choose one of actg320, csv, flchain, gbsg2, own, publ",
    "data=whas500/x": "there is no data 'whas500/x'; choose one of actg320, csv, flchain, gbsg2",
    "method=ck4": "there is no method 'ck4'; choose one of adasyn, aim, arf, arf_reselected, ",
    "encoder@method.encoder=big": "there is no encoder 'big'; choose one of dcm, dcm_wide",
    "sed=1": "the configuration has no key 'sed'; its keys are",
    "method.encoder.componets=5": "'method.encoder' has no key 'componets'; its keys are hidden",
    "data=whas500 method=ck4gen_free method.latents.k=5": "'method.latents' has no key 'k'; its "
    "keys are _target_, components",
    "+method.encoder.depth=5": "method.encoder has no key 'depth'; its keys are hidden",
    "seed=0,1": "seed=0,1 gives several values, and this command takes one; for a run of each use",
    "split=test": "split is 'test'; choose one of release, audit",
    "data.coding=long": "data.coding is 'long'; choose one of paper, raw",
    "n_samples=0": "n_samples (--rows) is 0; use a whole number",
    "seed=-1": "seed is -1; it must be a whole number of at least 0",
    "seed=1.5": "seed is 1.5; it must be a whole number of at least 0",
    "force=maybe": "force is 'maybe'; it must be true or false",
    "evaluation.off_target=some": "evaluation.off_target is 'some'; it must be true or false",
    "tables=1.5": "tables is 1.5; it must be a whole number of at least 1",
    "holdout=half": "holdout is 'half'; it lies between 0 and 1",
    "trainer.accelerator=tpu": "trainer.accelerator is 'tpu'; choose one of auto, cpu, gpu, mps",
    "method=fresh": "method=fresh needs held-out patients; run it with split=audit",
    "method=smote method.target=author n_samples=9": "method.target=author sets the number of rows",
    "data=csv": "data.path has no value; give it as data.path=...",
}
OF_METHODS = {  # the same sentence without a command
    ("ck4gen", "numeric", "log"): "method.numeric is 'log'; choose one of boxcox, quantile, minmax",
    (
        "ck4gen",
        "decoder",
        (("steps", 2.5),),
    ): "method.decoder.steps is 2.5; it must be a whole",
    ("cart", "min_samples_leaf", 0): "method.min_samples_leaf is 0; it must be a number",
    ("arf", "trees", 0): "method.trees is 0; it must be a number of at least 1",
    ("smote", "target", "both"): "method.target is 'both'; choose one of class, author",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence_and_leaves_nothing(mistake, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["train", *mistake.split(), f"output_dir={tmp_path}"])
    assert str(stopped.value).startswith(f"error: {MISTAKES[mistake]}")
    assert "\n" not in str(stopped.value)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]


@pytest.mark.parametrize(("more", "times"), [([], 1), (["-m"], 1), (["hydra.mode=RUN"], 2)])
def test_a_configuration_is_composed_once_unless_it_names_its_mode(
    more, times, monkeypatch, tmp_path
):
    composed, compose_config = [], Hydra.compose_config

    def counted(*arguments, **keys):
        composed.append(1)
        return compose_config(*arguments, **keys)

    monkeypatch.setattr(Hydra, "compose_config", counted)
    with pytest.raises(SystemExit):
        main(["train", "split=test", *more, f"output_dir={tmp_path}"])
    assert len(composed) == times


@pytest.mark.parametrize(("method", "key", "value"), OF_METHODS)
def test_a_wrong_value_of_a_method_gets_one_sentence(method, key, value):
    node = defaults(script=f"method/{method}")["method"]
    wrong = node[key] | dict(value) if isinstance(value, tuple) else value
    with pytest.raises(InputError) as raised:
        built(node | {key: wrong})
    assert str(raised.value).startswith(OF_METHODS[method, key, value])


@pytest.mark.slow
@pytest.mark.parametrize("mistake", ["data=gbsg", "seed=-1"])  # before and after Hydra
def test_the_script_exits_with_the_sentence_alone(mistake, tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "train.py"), mistake, "output_dir=out"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {MISTAKES[mistake]}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.slow
def test_a_users_file_may_have_any_name(cohort, tmp_path, capsys):
    folder = tmp_path / "it's=(odd)"
    folder.mkdir()
    cohort.to_csv(folder / "my cohort, v=2.csv", index=False)
    keys = ["data=csv", "data.duration=days", "data.event=died", "method=bootstrap"]
    paths = [f"data.path={folder}/my cohort, v=2.csv", f"output_dir={folder}"]
    main(["train", *keys, *paths, "evaluation=fast"])
    assert "stage[late]" in capsys.readouterr().out
    (report,) = folder.glob("runs/csv/bootstrap/release/seed=*/report.json")
    again = ["evaluate", f"run={report.parent}", "evaluation=fast"]
    main(again)
    before = report.read_bytes()
    cohort.head(150).to_csv(folder / "my cohort, v=2.csv", index=False)
    with pytest.raises(SystemExit, match=r"my cohort, v=2\.csv has changed since run="):
        main(again)
    assert report.read_bytes() == before


@pytest.mark.slow
def test_a_flag_may_stand_anywhere(tmp_path, capsys):
    keys = ["data=whas500", "-m", "method=bootstrap", "evaluation=fast", f"output_dir={tmp_path}"]
    main(["train", *keys])
    assert "bootstrap" in capsys.readouterr().out
    assert len(list(tmp_path.glob("runs/whas500/bootstrap/release/seed=*/report.json"))) == 1


@pytest.mark.slow
def test_train_then_evaluate_prints_the_tables(tmp_path, capsys):
    keys = ["method=bootstrap", "data=whas500", "evaluation=fast", f"output_dir={tmp_path}"]
    main(["train", *keys])
    first = capsys.readouterr().out
    assert "2.17 (1.62-2.91)" in first  # chf, real
    assert "trivial: times are copied" in " ".join(first.split())
    main(["train", *keys])
    again = " ".join(capsys.readouterr().out.split())
    assert "finished before, evaluation=fast; force=true repeats it" in again
    folder = next(tmp_path.glob("runs/whas500/bootstrap/release/seed=*"))
    main(["evaluate", f"run={folder}", "evaluation=fast"])
    assert "2.17 (1.62-2.91)" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="is no finished run"):
        main(["evaluate", f"run={tmp_path}"])
