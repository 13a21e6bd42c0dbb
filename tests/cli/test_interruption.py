"""Ctrl-C and SIGTERM end in one line and the shell's exit code, and leave nothing half-made."""

import os
import signal
import subprocess
import sys
import time

import pytest

from ck4gen.cli.main import main
from ck4gen.experiments import crossfit, run
from ck4gen.experiments.make_run import make_run
from ck4gen.methods.independent import Independent
from ck4gen.models.encoder_module import EncoderModule
from conftest import compose

KEYS = ["data=whas500", "method=independent", "evaluation=fast"]


def stopped(capsys, *arguments):
    """Exit code and last words of a command; it has no traceback and one line of its own."""
    capsys.readouterr()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert signal.getsignal(signal.SIGINT) == before
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert err.count("stopped: ") == 1
    return ended.value.code, err.splitlines()[-1]


def at_call(number, function, signum=signal.SIGINT):
    """The function, which sends this process a signal at its nth call."""
    calls = []

    def counted(*arguments, **keys):
        calls.append(1)
        if len(calls) == number:
            os.kill(os.getpid(), signum)
        return function(*arguments, **keys)

    return counted


def left(folder):
    """Files and scratch folders, but for locks and the secret, which a next run needs."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    found = [file for file in files if file.suffix not in (".lock", ".key")]
    return [*found, *folder.rglob(".*.partial")]


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_nothing(signum, code, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Independent, "_fit", at_call(1, Independent._fit, signum))
    ended = stopped(capsys, "train", *KEYS, f"output_dir={tmp_path}")
    assert ended == (code, "stopped: nothing was left behind")
    assert left(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_so_does_one_within_lightning(signum, code, tmp_path, monkeypatch, capsys):
    step = at_call(10, EncoderModule.training_step, signum)
    monkeypatch.setattr(EncoderModule, "training_step", lambda *given: step(*given))
    keys = ["data=whas500", "trainer=smoke", f"output_dir={tmp_path}"]
    assert stopped(capsys, "train", *keys) == (code, "stopped: nothing was left behind")
    assert left(tmp_path) == []


@pytest.mark.slow
def test_folds_that_are_made_stay(tmp_path, monkeypatch, capsys):
    keys = [*KEYS, "split=crossfit", "folds=3", f"output_dir={tmp_path}"]
    monkeypatch.setattr(crossfit, "_make_fold", at_call(3, crossfit._make_fold))
    said = "stopped: 2 of 3 folds done; the same command goes on"
    assert stopped(capsys, "audit", *keys) == (130, said)
    assert len(left(tmp_path)) == 2
    main(["audit", *keys])  # a fourth and a fifth call would be of folds that were made
    assert len(list(tmp_path.glob("runs/*/*/*/seed=*/folds/*.csv"))) == 3


@pytest.mark.slow
def test_many_evaluations_go_on_where_they_were_stopped(tmp_path, monkeypatch, capsys):
    for seed in (0, 1, 2):
        make_run(compose("train", *KEYS, f"seed={seed}", f"output_dir={tmp_path}"))
    again = ["evaluate", f"run={tmp_path}/runs/*/*/*/*", "evaluation=fast"]
    again.append("evaluation.privacy.bootstraps=100")
    monkeypatch.setattr(run, "evaluate", at_call(2, run.evaluate))
    said = "stopped: 1 of 3 done; the same command goes on"
    assert stopped(capsys, *again) == (130, said)
    main(again)
    assert capsys.readouterr().out.count("finished before") == 1


@pytest.mark.slow
def test_a_sweep_says_how_far_it_came(tmp_path, monkeypatch, capsys):
    keys = [*KEYS, "seed=0,1,2", "hydra/launcher=basic", f"output_dir={tmp_path}"]
    monkeypatch.setattr(Independent, "_fit", at_call(2, Independent._fit))
    abandoned = tmp_path / "runs/whas500/independent/release/.seed=7-01234567.partial"
    abandoned.mkdir(parents=True)  # by a sweep that was killed
    said = "stopped: 1 of 3 done; the same command goes on"
    assert stopped(capsys, "sweep", *keys) == (130, said)
    assert list(tmp_path.rglob(".*.partial")) == []
    main(["sweep", *keys])
    assert "2 done, 1 skipped" in capsys.readouterr().out


WORK = """
import os, sys, time
from pathlib import Path
from ck4gen.experiments import workers

def nap(folder):
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(60)

def nest(folder):
    (Path(folder) / str(os.getpid())).touch()
    list(workers.in_processes(nap, [(folder,)] * 2, 2))

if __name__ == "__main__":
    list(workers.in_processes(nest, [(sys.argv[1],)] * 2, 2))
"""


def alive(number):
    """Whether a process runs; a dead one whom nobody has asked after does not."""
    try:
        os.kill(number, 0)
        with open(f"/proc/{number}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.slow
def test_workers_and_theirs_die_with_a_parent_that_is_killed(tmp_path):
    folder = tmp_path / "pids"
    folder.mkdir()
    (tmp_path / "work.py").write_text(WORK)
    process = subprocess.Popen([sys.executable, "work.py", str(folder)], cwd=tmp_path)
    assert until(lambda: len(list(folder.iterdir())) >= 4, 60)  # two workers, and two of theirs
    process.kill()
    process.wait()
    pids = [int(file.name) for file in folder.iterdir()]
    assert until(lambda: not any(map(alive, pids)), 5)


def test_without_the_kernels_help_a_thread_watches_the_parent():
    code = (
        "import os, sys\n"
        "from ck4gen.experiments.workers import _watch\n"
        "parent = os.getpid()\n"
        "if os.fork() == 0:\n"
        "    _watch(parent)\n"
        "print('left')"
    )
    # the pipe closes when the child has gone as well
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=True)
    assert done.stdout == b"left\n"


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


ALONE = """
import sys
from ck4gen.experiments import workers

def square(number):
    return number**2

def nest(number):
    return list(workers.in_processes(square, [(number,), (number + 1,)], 1))

if __name__ == "__main__":
    print(sorted(workers.in_processes(nest, [(2,), (5,)], 2)))
"""


@pytest.mark.slow
def test_a_worker_may_do_the_work_of_its_own_workers(tmp_path):
    """As a cross-fitted run of a sweep does, with workers=1."""
    (tmp_path / "work.py").write_text(ALONE)
    command = [sys.executable, "work.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "[[4, 9], [25, 36]]", done.stderr
