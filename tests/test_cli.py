"""The command line as a user meets it: one sentence for a mistake, and nothing left behind."""

import subprocess
import sys

import pytest

from ck4gen.config import ROOT

MISTAKES = {
    "data=gbsg": "there is no data 'gbsg'; choose one of actg320, csv, flchain, gbsg2, whas500",
    "method=ck4": "there is no method 'ck4'; choose one of bootstrap, ck4gen, fresh",
    "encoder@method.encoder=big": "there is no encoder 'big'; choose one of dcm, dcm_wide",
    "sed=1": "the configuration has no key 'sed'; its keys are",
    "method.encoder.componets=5": "'method.encoder' has no key 'componets'; its keys are hidden",
    "+method.encoder.depth=5": "method.encoder has no key 'depth'; its keys are hidden",
    "split=test": "split is 'test'; choose one of release, audit",
    "data.coding=long": "data.coding is 'long'; choose one of paper, raw",
    "method.numeric=log": "method.numeric is 'log'; choose one of boxcox, quantile, minmax",
    "n_samples=0": "n_samples is 0; use a whole number",
    "seed=-1": "seed is -1; it must be a number of at least 0",
    "trainer.accelerator=tpu": "trainer.accelerator is 'tpu'; choose one of auto, cpu, gpu, mps",
    "method=fresh": "method=fresh needs held-out patients; run it with split=audit",
    "data=csv": "data.path has no value; give it as data.path=...",
}


def run(script, *arguments, cwd=ROOT):
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence_and_leaves_nothing(mistake, tmp_path):
    done = run("train.py", mistake, f"output_dir={tmp_path}")
    assert done.returncode != 0
    assert MISTAKES[mistake] in done.stderr
    assert "Traceback" not in done.stderr
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]
