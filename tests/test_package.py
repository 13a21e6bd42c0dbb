"""The wheel, installed away from the checkout, does what the README says."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from ck4gen.config import ROOT

pytestmark = pytest.mark.slow


def ran(command, folder, **more):
    outside = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=outside | more, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Folder of the programs of an environment that has the wheel, and all else from this one."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    ran(build, folder, PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    (wheel,) = folder.glob("ck4gen-*.whl")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    ran([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], folder)
    own = ran([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder)
    # after the environment's own packages, so that the wheel comes before any checkout
    Path(own.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


@pytest.fixture
def empty(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_the_package_is_that_of_the_wheel(installed, empty):
    code = "import ck4gen, ck4gen.config as c; print(ck4gen.__file__, c.CONF, c.ROOT, sep='\\n')"
    file, conf, root = ran([installed / "python", "-c", code], empty).split()
    assert Path(file).is_relative_to(installed.parent)
    assert Path(conf) == Path(file).with_name("conf")
    assert Path(root) == empty
    assert Path(file).with_name("py.typed").exists()


def test_the_command_helps(installed, empty):
    assert "usage: ck4gen COMMAND" in ran([installed / "ck4gen", "--help"], empty)
    assert "a file of conf/method" in ran([installed / "ck4gen", "train", "--help"], empty)


def test_the_examples_of_the_pages_run_and_runs_lie_in_the_working_directory(
    installed, empty, cohort
):
    """Every line of README.md and docs/python.md, with few optimiser steps; and a command."""
    find = "import ck4gen.config; print(ck4gen.config.CONF)"
    conf = Path(ran([installed / "python", "-c", find], empty).strip())
    for file, packaged, short in (
        ("trainer/default.yaml", "limit_steps: null", "limit_steps: 5"),
        ("calibration/scores.yaml", "\nsteps: 400 ", "\nsteps: 3 "),
        ("calibration/guarded.yaml", "\nleast_norm_steps: 40 ", "\nleast_norm_steps: 3 "),
    ):
        text = (conf / file).read_text()
        assert packaged in text
        (conf / file).write_text(text.replace(packaged, short))
    cohort.to_csv(empty / "cohort.csv", index=False)
    pages = "".join((ROOT / page).read_text() for page in ("README.md", "docs/python.md"))
    first, second = re.findall(r"```python\n(.*?)```", pages, re.DOTALL)
    keys = ["train", "data=whas500", "method=bootstrap", "evaluation=fast"]
    command = f"from ck4gen.cli.main import main; main({keys})"
    code = f"{command}\n{first}\n{second}\nprint(len(synthetic))"
    assert int(ran([installed / "python", "-c", code], empty).split()[-1]) == len(cohort)
    assert len(list(empty.glob("outputs/runs/whas500/bootstrap/release/*/synthetic.csv"))) == 1
