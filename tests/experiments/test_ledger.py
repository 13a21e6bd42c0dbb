"""What was released stays noted, whatever fails after it."""

import json

import pytest
from tests.private.test_shared_folder import KEYS, PUBLIC, cohort

import ck4gen
from ck4gen.experiments import synthesize as synthesized
from ck4gen.experiments.ledger import LEDGER, ledger_kept
from ck4gen.settings import InputError

SPENT = "a private release was made before this ended"


def test_a_ledger_is_kept_only_where_something_was_added(tmp_path):
    unfinished, folder = tmp_path / "unfinished", tmp_path / "folder"
    unfinished.mkdir()
    (unfinished / LEDGER).write_text("[1]")
    with pytest.raises(InputError), ledger_kept(unfinished, folder):
        raise InputError("before the release")
    assert not folder.exists()

    def released_and_stopped():
        with ledger_kept(unfinished, folder):
            (unfinished / LEDGER).write_text("[1, 2]")
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match=SPENT), pytest.raises(KeyboardInterrupt):
        released_and_stopped()
    assert (folder / LEDGER).read_text() == "[1, 2]"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_folder_that_failed_after_its_release_counts_it(tmp_path, monkeypatch):
    (tmp_path / "public.yaml").write_text(PUBLIC)
    cohort().to_csv(tmp_path / "cohort.csv", index=False, sep=";")
    asked = {
        "duration": "days", "event": "died", "out": tmp_path / "out",
        "keys": (*KEYS, f"method.public={tmp_path / 'public.yaml'}"),
    }  # fmt: skip

    def fails(*_):
        raise InputError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(synthesized, "_share", fails)
        with pytest.raises(InputError, match="no space"), pytest.warns(UserWarning, match=SPENT):
            ck4gen.synthesize(tmp_path / "cohort.csv", **asked)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["keep"]
    once = json.loads((tmp_path / "out" / "keep" / LEDGER).read_text())
    with pytest.raises(InputError, match="add --force"):
        ck4gen.synthesize(tmp_path / "cohort.csv", **asked)
    ck4gen.synthesize(tmp_path / "cohort.csv", **asked, force=True)
    twice = json.loads((tmp_path / "out" / "keep" / LEDGER).read_text())
    assert twice[: len(once)] == once
    assert len(twice) == 2 * len(once)
