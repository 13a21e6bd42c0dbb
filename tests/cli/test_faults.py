"""Faults of the machine: one sentence, exit code 1, nothing half-made."""

import errno
import os
from pathlib import Path

import pytest

from ck4gen.cli.main import main
from ck4gen.experiments import written_tables
from ck4gen.experiments.faults import sentence_of
from ck4gen.experiments.store import check_folder_free
from ck4gen.settings import InputError

KEYS = ["data=whas500", "method=independent", "evaluation=fast"]


def refused(folder, *keys):
    """What a run that cannot be made says."""
    with pytest.raises(SystemExit) as stopped:
        main(["train", *KEYS, f"output_dir={folder}", *keys])
    said = str(stopped.value)
    assert said.startswith("error: ")
    assert "\n" not in said
    return said


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(written_tables, "write_table", full)
    assert "the disk is full; free some space" in refused(tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.suffix != ".lock" and file.is_file()] == []
    assert list(tmp_path.rglob(".*.partial")) == []


def test_an_output_folder_that_is_a_file_or_read_only_is_named(tmp_path, monkeypatch):
    file = tmp_path / "table.csv"
    file.touch()
    assert f"{file} is a file where a folder is wanted" in refused(file)

    def denied(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "runs"))

    monkeypatch.setattr(
        written_tables, "write_table", denied
    )  # root, as tests often are, may write anywhere
    assert f"{tmp_path}/runs cannot be read or written (Permission denied)" in refused(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no folder in which nobody may write")
def test_a_folder_that_cannot_be_made_is_named():
    assert "/proc/nowhere cannot be made there; name another folder" in refused("/proc/nowhere")
    with pytest.raises(FileNotFoundError) as raised:
        Path("/proc/nowhere").read_bytes()
    assert sentence_of(raised.value) is None


def test_a_device_that_is_not_there_is_named_before_the_fit(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert "torch finds no such device here" in refused(tmp_path, "trainer.accelerator=gpu")
    assert not (tmp_path / "runs").exists()


def test_what_cannot_be_imported_is_named(tmp_path, capsys):
    assert "no class 'nowhere.Mine'" in refused(
        tmp_path, "method.name=mine", "method._target_=nowhere.Mine"
    )
    assert "no 'nowhere.Mine' to import" in refused(tmp_path, "logger.csv._target_=nowhere.Mine")
    assert "Are you sure" not in capsys.readouterr().err


def test_other_faults_keep_their_traceback():
    assert sentence_of(ValueError("a fault of ours")) is None
    assert sentence_of(OSError(errno.EIO, "Input/output error", "file")) is None
    killed = type("TerminatedWorkerError", (RuntimeError,), {})()
    assert "a worker process was killed" in (sentence_of(killed) or "")


def test_a_folder_in_place_of_a_file_and_a_file_above_a_folder_are_named(tmp_path):
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    file.touch()
    with pytest.raises(IsADirectoryError) as raised:
        folder.read_bytes()
    assert sentence_of(raised.value) == f"{folder} is a folder where a file is wanted; name a file"
    with pytest.raises(InputError, match=r"file is a file, and .* would lie in it; name another"):
        check_folder_free(file / "below", force=False, holds=())
    with pytest.raises(SystemExit, match="would lie in it; name another --out"):
        main(["reanalyse", "a.csv", "b.csv", "--out", str(file / "below")])  # before any is read
