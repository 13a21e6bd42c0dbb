"""The augmentation command: what it writes, what the generator may see, and how it resumes."""

import json

import numpy as np
import pandas as pd
import pytest

from ck4gen.cli.main import main
from ck4gen.data.schema import DURATION
from ck4gen.evaluation.augmentation.halves import halves
from ck4gen.experiments import augment, store
from ck4gen.settings import NotApplicable
from conftest import compose

pytestmark = pytest.mark.slow

SMALL = [
    "augmentation.repeats=2", "augmentation.replicates=2", "augmentation.curve=[0.5]",
    "augmentation.min_rows=450", "augmentation.bins=10",
]  # fmt: skip


def config(output_dir, *overrides):
    keys = [*SMALL, "data=whas500", "method=bootstrap", f"output_dir={output_dir}", *overrides]
    return compose("augment", *keys)


def watched(settings):
    """A comparison, and the tables that its generators were fitted on."""
    tables = []
    fitted = augment.fitted

    def spy(config, data):
        method = fitted(config, data)
        assert method.data.holdout is None
        tables.append(method.data.train)
        return method

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augment, "fitted", spy)
        return augment.make_comparison(settings), tables


@pytest.fixture(scope="module")
def watched_run(tmp_path_factory):
    return watched(config(tmp_path_factory.mktemp("augment")))


@pytest.fixture(scope="module")
def done(watched_run):
    return watched_run[0]


def test_a_comparison_holds_its_table_and_its_report(done):
    assert done.folder.parts[-5:-1] == ("augmentation", "whas500", "bootstrap", "corrected")
    assert {file.name for file in done.folder.iterdir()} == {
        "report.json",
        "augmentation.csv",
        "calibration.csv",
    }
    assert json.loads((done.folder / "report.json").read_text()) == done.report
    table = pd.read_csv(done.folder / "augmentation.csv")
    assert {"overall", "afb=0", "64<age<=79", "ratio/0.5"} <= set(table["place"])
    for name, metric in done.report["metrics"].items():
        assert name.startswith("augmentation/")
        assert metric["value"] is not None or metric["reason"], name
    row = table[(table["place"] == "overall") & (table["score"] == "c_index")].iloc[0]
    found = done.report["metrics"]["augmentation/overall/difference/c_index"]
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(
        (found["value"], found["low"], found["high"])
    )
    assert 0.7 < row["real"] < 0.8
    assert abs(row["difference"]) < 0.02  # real rows again bring nothing


def test_a_finished_comparison_is_found_and_a_stale_one_repeated(done):
    output_dir = done.folder.parents[4]
    assert augment.make_comparison(config(output_dir)).reused
    report = store.read_report(done.folder)
    report["hashes"]["augmentation"] = "older source"
    store.write_report(done.folder, report)
    again = augment.make_comparison(config(output_dir))
    assert not again.reused
    assert again.report["metrics"] == done.report["metrics"]


def test_an_interrupted_comparison_leaves_nothing(tmp_path, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(augment, "compare", crash)
    with pytest.raises(KeyboardInterrupt):
        augment.make_comparison(config(tmp_path))
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]


def test_corrected_generators_see_their_training_half_alone(watched_run, tmp_path):
    settings, (_, tables) = config(tmp_path), watched_run
    cohort = augment.cohort_of(settings).train
    parts = halves(cohort["event"].to_numpy(), 2, settings.seed)
    assert len(tables) == len(parts) == 4
    for table, part in zip(tables, parts, strict=True):
        pd.testing.assert_frame_equal(table, cohort.iloc[part.train].reset_index(drop=True))


def test_the_author_generator_sees_everything_and_the_report_says_so(tmp_path):
    done, tables = watched(config(tmp_path, "protocol=author"))
    assert [len(table) for table in tables] == [500]
    assert augment.LEAK in done.report["warnings"]
    slope = done.report["metrics"]["augmentation/overall/difference/slope_25"]
    assert slope["reason"] == "interval over synthetic replicates only"
    assert done.report["metrics"]["augmentation/overall/real/slope_25"]["value"] > 1.3


def test_imputation_is_fitted_on_the_training_half(tmp_path):
    settings = config(tmp_path, "data=flchain")
    whole = augment.cohort_of(settings).train
    part = halves(whole["event"].to_numpy(), 1, 0)[0]
    half = augment.cohort_of(settings, part)
    theirs = whole.iloc[part.train].reset_index(drop=True)
    np.testing.assert_array_equal(half.train[DURATION], theirs[DURATION])
    np.testing.assert_array_equal(half.train["kappa"], theirs["kappa"])
    imputed = (half.train["creatinine"] - theirs["creatinine"]).abs()
    assert 0 < (imputed > 0).mean() < 0.25


def test_a_model_that_cannot_be_fitted_is_null_with_its_reason(tmp_path, monkeypatch):
    def broken(config, data):
        method = fitted(config, data)
        sample = method.sample
        monkeypatch.setattr(method, "sample", lambda n, seed: sample(n, seed).assign(age="old"))
        return method

    fitted = augment.fitted
    monkeypatch.setattr(augment, "fitted", broken)
    found = augment.make_comparison(config(tmp_path)).report["metrics"]
    assert found["augmentation/overall/real/c_index"]["value"] > 0.7
    for arm in ("augmented", "difference"):
        metric = found[f"augmentation/overall/{arm}/c_index"]
        assert metric["value"] is None
        assert metric["reason"].startswith("no Cox model in a training half: could not convert")


def test_real_test_rows_are_no_generator(tmp_path):
    with pytest.raises(NotApplicable, match="method=fresh cannot augment"):
        augment.make_comparison(config(tmp_path, "method=fresh"))


DECISIVE = ["seed=1", "protocol=author", "augmentation.bins=15", "method=cart", "data.coding=raw"]


def test_identity_changes_with_what_decides_the_result():
    found = {store.digest(config("/a", key), augment.KEYS) for key in [*DECISIVE, "force=true"]}
    assert len(found) == len(DECISIVE) + 1
    assert store.digest(config("/b"), augment.KEYS) in found


MISTAKES = {
    "protocol=best": "protocol is 'best'; choose one of corrected, author",
    "sed=1": "the configuration has no key 'sed'; its keys are protocol, seed, output_dir, force",
    "augmentation.bin=3": "'augmentation' has no key 'bin'; its keys are repeats, replicates",
    "augmentation.bins=1": "augmentation.bins is 1; it must be a whole number of at least 2",
    "data=csv": "data.path has no value; give it as data.path=...",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence_and_leaves_nothing(mistake, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["augment", mistake, f"output_dir={tmp_path}"])
    assert str(stopped.value).startswith(f"error: {MISTAKES[mistake]}")
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]


def test_the_command_prints_its_tables(done, capsys):
    output_dir = f"output_dir={done.folder.parents[4]}"
    keys = [*SMALL, "data=whas500", "method=bootstrap", output_dir]
    main(["augment", *keys])
    shown = " ".join(capsys.readouterr().out.split())
    assert "finished before; force=true repeats it" in shown
    assert "Harrell's C by subgroup" in shown
    assert "0.5 x, Harrell's C" in shown


def test_a_sweep_ends_with_its_summary_and_leaves_out_what_cannot_be(done, capsys):
    output_dir = f"output_dir={done.folder.parents[4]}"
    keys = ["-m", *SMALL, "data=whas500", "method=bootstrap,fresh", output_dir]
    main(["augment", *keys])
    shown = capsys.readouterr().out
    assert "0 done, 1 skipped, 1 left out, 0 failed" in shown
    assert "| whas500 | bootstrap | corrected | yes | 1 |" in shown
