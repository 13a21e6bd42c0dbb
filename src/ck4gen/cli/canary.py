"""``ck4gen canary``: fits with and without one extreme patient."""

from __future__ import annotations

import sys

from omegaconf import DictConfig

from ck4gen.cli.run import print_canary
from ck4gen.experiments.canary import RESULT
from ck4gen.experiments.canary import canary as audit


def canary(config: DictConfig) -> None:
    """Make the pairs that are missing and print the result."""

    def progress(done: int) -> None:
        print(f"\r{done}/{config.pairs} pairs", end="", file=sys.stderr, flush=True)

    folder = audit(config, progress)
    print(file=sys.stderr)
    print_canary(folder / RESULT)
