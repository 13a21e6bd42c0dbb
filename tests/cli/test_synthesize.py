"""A user's file becomes a folder to share and one to keep, or a sentence and nothing."""

import numpy as np
import pandas as pd
import pytest
import yaml

import ck4gen
from ck4gen.cli.main import main
from ck4gen.data import user_table
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments import synthesize as made
from ck4gen.experiments.synthesize import audit_split, configuration, of_size
from ck4gen.settings import InputError
from conftest import BRIEF, compose

SHORT = ["trainer=smoke", "evaluation=fast"]


@pytest.fixture
def messy(cohort):
    """A table as people have it: an identifier, blanks, R's events, odd names."""
    generator = np.random.default_rng(1)
    frame = cohort.rename(columns={"days": "Time, days", "marker": "CA-125 [U/mL]"})
    frame["CA-125 [U/mL]"] = frame["CA-125 [U/mL]"].where(generator.random(len(frame)) < 0.8)
    frame["died"] += 1
    frame.insert(0, "patient_no", np.arange(len(frame)) + 1)
    frame["event"] = generator.choice(["Fall", "fall", "none"], len(frame))
    return frame


OUTCOME = ["--duration", "Time, days", "--event", "died"]


def test_the_plan_is_said_and_nothing_is_written(messy, tmp_path, capsys):
    messy.to_csv(tmp_path / "cohort.csv", sep=";", decimal=",", index=False)
    main(["synthesize", str(tmp_path / "cohort.csv"), *OUTCOME, "--plan"])
    said = capsys.readouterr().out
    assert "semicolon-separated, utf-8" in said
    assert "'died' is 2 (a guess: 1 and 2 as R codes them)" in said
    assert "patient_no: an identifier by its name" in said
    assert "spellings merged" in said
    assert yaml.safe_load(said[said.index("# How the table is read") :])["columns"]["age"] == {
        "kind": "numeric",
        "integer": True,
        "step": 1,
    }
    assert [file.name for file in tmp_path.iterdir()] == ["cohort.csv"]


MISTAKES = {
    "there is no duration column 'time'": ["--duration", "time", "--event", "died"],
    "Did you mean 'Time, days'?": ["--duration", "Time days", "--event", "died"],
    "'died' has two roles in the outcome": ["--duration", "died", "--event", "died"],
    "there is no column to drop 'ward'": [*OUTCOME, "--drop", "ward"],
    "these are 2 of them: write blanks between their names": [*OUTCOME, "--drop", "age,died"],
    "no row has the event of interest '7'": [*OUTCOME, "--event-of-interest", "7"],
    "schema 'none.yaml' is no file": [*OUTCOME, "--schema", "none.yaml"],
    "there is no method 'ck4'": [*OUTCOME, "--method", "ck4"],
    "n_samples (--rows) is 0": [*OUTCOME, "--rows", "0"],
    "n_samples (--rows) is 3, and the Cox model": [*OUTCOME, "--rows", "3"],
    "the configuration has no key 'sed'": [*OUTCOME, "sed=1"],
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_mistake_gets_a_sentence_and_leaves_nothing(sentence, messy, tmp_path, capsys):
    file = tmp_path / "cohort.csv"
    messy.to_csv(file, index=False)
    given = [file, *MISTAKES[sentence]] if "=" not in MISTAKES[sentence][-1] else None
    given = given or [file, MISTAKES[sentence][-1], *OUTCOME]
    with pytest.raises(SystemExit) as stopped:
        main(["synthesize", *map(str, given)])
    assert sentence in str(stopped.value)
    assert str(stopped.value).startswith("error: ")
    assert [file.name for file in tmp_path.iterdir()] == ["cohort.csv"]


def test_a_folder_that_is_there_stays(messy, tmp_path):
    messy.to_csv(tmp_path / "cohort.csv", index=False)
    (tmp_path / "cohort_synthetic").mkdir()
    with pytest.raises(SystemExit, match="is there already; name another --out, or add --force"):
        main(["synthesize", str(tmp_path / "cohort.csv"), *OUTCOME])
    assert not list((tmp_path / "cohort_synthetic").iterdir())


def test_only_a_folder_of_its_own_is_replaced(messy, tmp_path):
    messy.to_csv(tmp_path / "cohort.csv", index=False)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "patients.csv").write_text("a")
    for out, what in (("raw", "holds patients.csv"), ("cohort.csv", "is a file")):
        keys = "--out", str(tmp_path / out), "--force"
        with pytest.raises(SystemExit, match=f"{what}, which this command did not make"):
            main(["synthesize", str(tmp_path / "cohort.csv"), *OUTCOME, *keys])
    assert (tmp_path / "raw" / "patients.csv").read_text() == "a"


def test_an_interrupted_run_leaves_nothing(messy, tmp_path, monkeypatch, capsys):
    def interrupted(config, begin, read):
        raise KeyboardInterrupt

    monkeypatch.setattr(made, "make_run", interrupted)
    messy.to_csv(tmp_path / "cohort.csv", index=False)
    with pytest.raises(SystemExit, match="130"):
        main(["synthesize", str(tmp_path / "cohort.csv"), *OUTCOME])
    assert "stopped: nothing was left behind" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["cohort.csv"]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_folders_hold_what_they_should(messy, tmp_path, capsys, monkeypatch):
    file, out, read = tmp_path / "cohort.csv", tmp_path / "out", []
    understand = user_table.understand
    monkeypatch.setattr(user_table, "understand", lambda *a: read.append(a) or understand(*a))
    messy.to_csv(file, index=False)
    main(["synthesize", str(file), *SHORT, *BRIEF, *OUTCOME, "--out", str(out), "--rows", "150"])
    assert len(read) == 1
    said = capsys.readouterr()
    share = next(line for line in said.out.splitlines() if line.endswith(str(out / "share")))
    assert share.startswith("not to share as it is, the verdict is ")  # which, hangs on the secret
    assert "not a table to share" in said.out  # few steps
    lines = [line for line in said.err.splitlines() if " of 6: " in line]  # no terminal: no bar
    assert [line[0] for line in lines] == list("123456")
    assert lines[0] == "1 of 6: fits all patients"
    assert {f.name for f in (out / "share").iterdir()} == {
        "synthetic.csv",
        "codebook.yaml",
        "README.txt",
        "about.html",
        "about.json",
        "croissant.json",
        "health_dcat.jsonld",
    }
    kept = {f.name for f in (out / "keep").iterdir()}
    assert {"audit.md", "card.json", "report.json", "plan.txt", "schema.yaml", "secret.key"} <= kept
    table = pd.read_csv(out / "share" / "synthetic.csv", keep_default_na=False, na_values=[""])
    real = messy.drop(columns="patient_no")
    assert sorted(table) == sorted(real)
    assert len(table) == 150
    assert (out / "keep" / "real.csv").stat().st_mode & 0o077 == 0
    patients = pd.read_csv(out / "keep" / "real.csv", keep_default_na=False, na_values=[""])
    assert list(patients) == list(table)
    assert len(patients) == len(real)
    assert set(table["event"]) <= set(patients["event"])  # one spelling of each level
    of = "CA-125 [U/mL]"
    assert patients[of].isna().sum() == pd.to_numeric(real[of], errors="coerce").isna().sum()
    assert set(table["died"]) == {1, 2}
    assert set(table["event"]) == {"Fall", "none"} or set(table["event"]) == {"fall", "none"}
    assert 0.05 < table["CA-125 [U/mL]"].isna().mean() < 0.4
    assert table.drop(columns="CA-125 [U/mL]").notna().all(axis=None)
    book = yaml.safe_load((out / "share" / "codebook.yaml").read_text())
    assert list(book["columns"]) == list(table)
    assert book["columns"]["event"]["merged"].startswith("other spellings and rare levels")
    assert "'Time, days' is the time, unit days" in (out / "share" / "README.txt").read_text()


@pytest.mark.slow
def test_nobody_repeats_a_table_without_the_secret(messy, tmp_path, capsys):
    messy.to_csv(tmp_path / "cohort.csv", index=False)
    asked = ["synthesize", str(tmp_path / "cohort.csv"), *SHORT, *OUTCOME, "--method", "cart"]

    def table(name, *more):
        main([*asked, "--out", str(tmp_path / name), *more])
        return (tmp_path / name / "share" / "synthetic.csv").read_bytes()

    first = table("one")
    assert table("one", "--force") == first
    assert table("other") != first


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_frame_gives_a_table_of_its_own_kind(cohort, tmp_path):
    stage = pd.Categorical(cohort["stage"], ["late", "middle", "early"], ordered=True)
    frame = cohort.assign(stage=stage, died=cohort["died"].astype(bool))
    made = ck4gen.synthesize(
        frame, "days", "died", drop=["smoker"], keys=["method=bootstrap", *SHORT]
    )
    assert list(made.table) == ["age", "marker", "stage", "days", "died"]
    assert made.table["died"].dtype == bool
    assert made.plan.columns[3].levels == ("late", "middle", "early")
    assert made.verdict["overall"] == "fail"  # a bootstrap copies patients


def test_small_cohorts_are_cross_fitted(cohort):
    """A single split of 200 patients can rule nothing out."""
    data = FrameDataModule(cohort, "days", "died")
    data.setup()

    def split(*keys):
        return audit_split(compose("train", "data=csv", "data.path=x", *keys), data)

    assert split() == "crossfit"
    assert split("crossfit_below=200") == "audit"
    assert split("crossfit_terms=4") == "audit"  # it has five
    assert split("evaluation=fast") == "audit"
    assert split("split=audit") == "audit"
    assert split("crossfit_below=0", "split=crossfit") == "crossfit"


def test_many_patients_are_evaluated_as_large_unless_another_one_is_named():
    def level(patients, *keys):
        config = configuration({"path": "x"}, keys)
        return of_size(config, keys, patients).evaluation

    assert level(20_000).name == "full"
    assert level(20_001).privacy.most_targets == 5000
    assert level(20_001, "evaluation=full").name == "full"
    assert level(101, "large_rows=100", "evaluation.privacy.keys=[age]").name == "large"
    assert level(101, "large_rows=100", "evaluation.privacy.keys=[age]").privacy["keys"] == ["age"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["sed=1"], "the configuration has no key 'sed'; its keys are"),
        ("method=carts", r"there is no method 'carts'; choose .* Did you mean 'cart'"),
        (["method.folds=2"], "'method' has no key 'folds'; its keys are"),
    ],
)
def test_a_wrong_key_is_named_in_python_as_on_the_command_line(cohort, keys, said):
    with pytest.raises(InputError, match=said):
        ck4gen.synthesize(cohort, "days", "died", keys=keys)
