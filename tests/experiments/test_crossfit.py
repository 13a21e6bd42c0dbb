"""Cross-fitting: every patient once held out, one report, and work that is done stays done."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.experiments.crossfit import FOLDS, fold_rows, make_folds
from ck4gen.experiments.make_run import make_run
from ck4gen.experiments.prepare import data_module
from ck4gen.experiments.store import run_folder
from ck4gen.settings import InputError
from conftest import compose

KEYS = ["data=whas500", "split=crossfit", "folds=4", "evaluation=fast"]


def test_every_patient_is_held_out_once_with_events_in_each_fold():
    events = pd.Series(np.tile([1, 0, 0, 0], 10))
    rows = fold_rows(events, 4, 0)
    assert sorted(np.concatenate(rows)) == list(range(40))
    assert {int(events[held].sum()) for held in rows} <= {2, 3}
    with pytest.raises(InputError, match="folds is 11, and only 10 rows have the event"):
        fold_rows(events, 11, 0)
    everybody = pd.Series(np.ones(20, int))  # nobody is censored
    assert len(fold_rows(everybody, 10, 0)) == 10


@pytest.mark.slow
def test_a_run_has_the_table_of_all_and_the_verdict_of_the_folds(tmp_path):
    done = make_run(compose("train", *KEYS, "method=cart", f"output_dir={tmp_path}"))
    assert len(pd.read_csv(done.folder / "synthetic.csv")) == 500
    folds = sorted(done.folder.glob(f"{FOLDS}/*.csv"))
    assert [len(pd.read_csv(file)) for file in folds] == [375] * 4
    assert not list(done.folder.parent.glob(f".*{FOLDS}"))
    leak = done.report["metrics"]["privacy/leak/outcome_link"]
    assert leak["low"] > 0.05
    assert leak["high"] - leak["low"] < 0.12  # a single split of 500 has twice that
    assert done.report["verdict"]["overall"] == "fail"
    assert "stand in for this one" in done.report["verdict"]["summary"]


def test_finished_folds_stay(tmp_path):
    config = compose("train", *KEYS, "method=independent", f"output_dir={tmp_path}")
    folder = run_folder(config)
    parts = make_folds(config, folder, data_module(config))
    files = sorted(parts.glob("*.csv"))
    made = {file.name: file.read_bytes() for file in files}
    assert len(made) == 4
    stamps = {file.name: file.stat().st_mtime_ns for file in files[1:]}
    files[0].unlink()
    make_folds(config, folder, data_module(config))
    assert {file.name: file.read_bytes() for file in parts.glob("*.csv")} == made
    assert {file.name: file.stat().st_mtime_ns for file in files[1:]} == stamps


@pytest.mark.slow
def test_all_tables_of_a_run_are_attacked_as_one(tmp_path):
    """Of bootstraps one table holds 63 % of the patients and two hold 86 %."""
    keys = [*KEYS, "folds=2", "tables=2", "method=bootstrap", f"output_dir={tmp_path}"]
    done = make_run(compose("train", *keys))
    assert len(list(done.folder.glob(f"{FOLDS}/*.csv"))) == 2 * 2
    copied = done.report["metrics"]["privacy/leak/copies"]["value"]
    assert copied == pytest.approx(0.865, abs=0.06)
    assert "All 2 tables were attacked together" in done.report["verdict"]["summary"]
