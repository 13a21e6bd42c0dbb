"""Processes of one thread: one for each cell of a benchmark, so that none warms up another."""

from __future__ import annotations

import json
import os
import subprocess
import sys

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run(*command: str) -> subprocess.CompletedProcess:
    """A command that has ended, with what it printed."""
    return subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True)


def cell(script: str, asked: list) -> dict:
    """What ``script --cell ASKED`` prints in its last line, as JSON.

    Raises:
        RuntimeError: It ended with an error, whose last line this is.
    """
    done = run(sys.executable, script, "--cell", json.dumps(asked))
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return json.loads(done.stdout.splitlines()[-1])
