"""Sweeps outlive failures, kills and relaunches, and give the same bytes under any launcher."""

import contextlib
import io
import json
import subprocess
import sys
import time
from subprocess import DEVNULL

import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from ck4gen.cli.main import main
from ck4gen.config import ROOT, check_complete
from ck4gen.experiments import store
from ck4gen.experiments.sweep import SweepReport
from conftest import compose

pytestmark = pytest.mark.slow

SWEEP = ["data=whas500", "method=ck4gen", "trainer=smoke", "evaluation=fast"]


def here(output_dir, *overrides):
    """A sweep in this process, one job after the other: exit code, stdout and stderr."""
    keys = [*SWEEP, *overrides, "hydra/launcher=basic", f"output_dir={output_dir}"]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["sweep", *keys])
        except SystemExit as stopped:
            code = stopped.code
    return code, out.getvalue(), err.getvalue()


def launch(output_dir, *overrides, stream=subprocess.PIPE, **keys):
    """A sweep in processes of its own."""
    command = [sys.executable, str(ROOT / "scripts" / "train.py"), "-m", *SWEEP, *overrides]
    return subprocess.Popen(
        [*command, f"output_dir={output_dir}"], stdout=stream, stderr=stream, text=True, **keys
    )


def finished(output_dir):
    return list(output_dir.glob("runs/*/*/*/seed=*/report.json"))


def unfinished(output_dir):
    return list(output_dir.glob("runs/*/*/*/.*partial"))


def tables(output_dir):
    files = output_dir.glob("runs/*/*/*/seed=*/synthetic.csv")
    return {str(file.relative_to(output_dir)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def basic(tmp_path_factory):
    """An uninterrupted sweep, one job after the other, in this order."""
    folder = tmp_path_factory.mktemp("basic")
    code, out, err = here(folder, "seed=0,1,2")
    assert code == 0, err
    return folder, out, err


def test_a_sweep_ends_with_its_summary(basic):
    folder, out, err = basic
    assert "3 done, 0 skipped, 0 left out, 0 failed" in out
    assert "| whas500 | ck4gen | release | yes | 3 |" in out
    assert "3/3 done: whas500 ck4gen release" in err
    (summary,) = folder.glob("sweeps/*/summary.md")
    assert summary.read_text() in out


def test_a_run_that_a_grid_names_twice_is_one_seed(tmp_path):
    code, out, err = here(tmp_path, "method=bootstrap", "seed=0,0")
    assert code == 0, err
    assert "1 done, 1 skipped" in out
    assert "| whas500 | bootstrap | release | yes | 1 |" in out


def test_a_killed_sweep_goes_on_and_ends_with_the_same_bytes(basic, tmp_path):
    """Killed while one worker is in its second run and another one waits for its first."""
    held = store.run_folder(compose("train", *SWEEP, "seed=1", f"output_dir={tmp_path}"))
    two = ("hydra/launcher=local", "hydra.launcher.n_jobs=2")
    deadline = time.monotonic() + 120
    with store.claim(held):  # so that its worker imports nothing that takes seconds
        process = launch(tmp_path, "seed=0,1,2", *two, start_new_session=True, stream=DEVNULL)
        while not (finished(tmp_path) and unfinished(tmp_path)) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()  # the workers die with it
        process.wait()
    assert 1 <= len(finished(tmp_path)) < 3
    code, out, err = here(tmp_path, "seed=0,1,2")
    assert code == 0, err
    assert "0 failed" in out
    assert " 0 skipped" not in out
    assert tables(tmp_path) == tables(basic[0])
    assert not unfinished(tmp_path)


def test_one_failing_job_does_not_stop_the_others(tmp_path):
    code, out, _ = here(tmp_path, "method.decoder.hidden=[0],[8]")
    assert code == 1
    assert "1 done, 0 skipped, 0 left out, 1 failed" in out
    said = " ".join(out.split())
    assert "layer widths, as" in said
    assert "settings" in said.partition("Failed jobs")[2]
    records = [json.loads(file.read_text()) for file in tmp_path.glob("sweeps/*/jobs/*.json")]
    assert sorted(r["status"] for r in records) == ["done", "failed"]
    assert len(finished(tmp_path)) == 1


def test_a_finished_run_that_is_deleted_meanwhile_is_named_and_the_others_are_shown(
    tmp_path, capsys
):
    metric = {"hazard/log_hr_z": {"value": 0.25}}
    config = {"data": {"name": "gbsg2"}, "method": {"name": "cart"}, "trainer": {}}
    for seed in (0, 1):
        cell = {"dataset": "gbsg2", "method": "cart", "split": "release", "seed": seed}
        folder = tmp_path / f"seed={seed}"
        ended = {"status": "done", "first": False, "seconds": 1.0, "alone": 1.0}
        job = cell | ended | {"folder": str(folder)}
        store.write_json(tmp_path / "jobs" / f"{seed}.json", job)
        if seed == 0:
            report = cell | {"times_copied": False, "metrics": metric, "config": config}
            store.write_json(folder / "report.json", report)
    sweep = SweepReport(list(metric))
    config = OmegaConf.create(
        {"output_dir": str(tmp_path),
         "hydra": {"sweep": {"dir": str(tmp_path)}, "sweeper": {"params": None},
                   "overrides": {"task": ["seed=0,1"]}}}
    )  # fmt: skip
    sweep.on_multirun_start(config)
    with pytest.raises(SystemExit):
        sweep.on_multirun_end(config)
    said = " ".join(capsys.readouterr().out.split())
    assert "1 done, 0 skipped, 0 left out, 1 failed" in said
    assert "| gbsg2 | cart |" in said
    assert ".250" in said


COMPOSED: set[tuple[str, ...]] = set()  # jobs of any sweep
SWEEPS = {file.stem for file in (ROOT / "conf" / "sweep").glob("*.yaml")}


@pytest.mark.parametrize("sweep", sorted(SWEEPS))
def test_every_sweep_composes_every_job(sweep):
    """The grid of the sweep itself, job by job, as the sweeper would compose it."""
    config = compose("train", f"sweep={sweep}", hydra=True)
    check_complete(OmegaConf.masked_copy(config, [key for key in config if key != "hydra"]))
    assert config.group == sweep
    grid = [f"{key}={value}" for key, value in config.hydra.sweeper.params.items()]
    overrides = OverridesParser.create().parse_overrides(grid)
    jobs = BasicSweeper.split_arguments(overrides, None)[0]
    assert len(jobs) >= 4
    for job in jobs:
        known = ("seed", "data", "split")  # these compose alike, and so do the numbers of a key
        words = [word.split("=") for word in job]
        key = tuple(n if "." in n else f"{n}={value}" for n, value in words if n not in known)
        if key not in COMPOSED:
            COMPOSED.add(key)
            compose("train", f"sweep={sweep}", *job)


def test_ray_gives_the_same_bytes(basic, tmp_path):
    one = [f"+hydra.launcher.ray.init.{key}" for key in ("num_cpus=1", "include_dashboard=false")]
    process = launch(tmp_path, "seed=0", "hydra/launcher=ray", *one)  # workers start slowly
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "1 done" in out
    assert tables(tmp_path).items() <= tables(basic[0]).items()
    assert len(tables(tmp_path)) == 1


def test_slurm_jobs_have_the_limits_of_the_config():
    config = compose("train", "hydra/launcher=slurm", "hydra.launcher.partition=cpu", hydra=True)
    launcher = config.hydra.launcher
    assert "SlurmLauncher" in launcher["_target_"]
    assert (launcher.partition, launcher.timeout_min, launcher.cpus_per_task) == ("cpu", 60, 1)
