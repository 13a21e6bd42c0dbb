"""Processes of one thread: one for each cell of a benchmark, so that none warms up another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable

CELL = "--cell"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run(*command: str) -> subprocess.CompletedProcess:
    """A command that has ended, with what it printed."""
    return subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True)


def is_cell(timed: Callable[..., dict]) -> bool:
    """Whether this process is that of one cell; what was measured of it is printed then."""
    if sys.argv[1:2] != [CELL]:
        return False
    warnings.simplefilter("ignore")
    print(json.dumps(timed(*json.loads(sys.argv[2]))))
    return True


def cell(script: str, asked: list) -> dict:
    """What ``script`` measures of one cell, see :func:`is_cell`.

    Raises:
        RuntimeError: It ended with an error, whose last line this is.
    """
    done = run(sys.executable, script, CELL, json.dumps(asked))
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return json.loads(done.stdout.splitlines()[-1])


def tried(script: str, asked: list, name: str, left_out: dict[str, str]) -> dict:
    """The same; nothing of a name that is left out, as is one whose cell ended with an error."""
    if name in left_out:
        return {}
    try:
        return cell(script, asked)
    except RuntimeError as error:
        left_out[name] = str(error)
        return {}
