"""Hydra's main, guarded: a user's mistake becomes one sentence instead of a traceback."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import hydra
from hydra._internal.hydra import Hydra
from omegaconf import DictConfig

from ck4gen.cli.closed_pipe import until_nobody_reads
from ck4gen.config import CONF
from ck4gen.experiments.override_errors import explain, quoted
from ck4gen.experiments.own_class import added, check_one_method
from ck4gen.experiments.unfinished import STOPS
from ck4gen.experiments.workers import follow
from ck4gen.extensions import register_extensions
from ck4gen.importing import importing

for chatty in ("numexpr", "torch"):  # one announces its thread count, one its caches at the end
    logging.getLogger(chatty).setLevel(logging.WARNING)
MULTIRUN = ("-m", "--multirun")
mode_of_configuration = Hydra.get_mode


def mode_if_given(app: Hydra, config_name: str | None, overrides: list[str]) -> Any:
    """Hydra's ``hydra.mode``, which it composes all once more to read; else ``-m`` alone tells."""
    if any(override.lstrip("+").startswith("hydra.mode=") for override in overrides):
        return mode_of_configuration(app, config_name, overrides)
    return None


Hydra.get_mode = mode_if_given  # type: ignore[method-assign, assignment]


def run(config_name: str, task: str, arguments: Sequence[str]) -> None:
    """Compose a configuration from the command line and hand it to a task.

    Args:
        config_name: File of ``conf``, without its suffix.
        task: ``module:function`` below ``ck4gen.cli``; it is imported, with all that is heavy,
            once the command line is known to be right.
        arguments: Overrides and Hydra's flags, in any order.
    """
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions come here instead of being printed by Hydra
    # argparse takes no flag between the overrides
    ordered = sorted(arguments, key=lambda argument: argument not in MULTIRUN)
    sys.path.insert(0, os.getcwd())  # a user's own module may lie where the command is called
    register_extensions()
    # where Hydra reads them
    sys.argv[1:] = [quoted(added(argument, arguments)) for argument in ordered]
    mistakes: list[str] = []
    launcher = os.getpid()

    def guarded(config: DictConfig) -> None:
        follow(launcher)
        try:
            module, function = task.split(":")
            with importing(for_good=True):
                command = getattr(import_module(f"ck4gen.cli.{module}"), function)
            with until_nobody_reads():  # here, since Hydra would name the error before it rises
                command(config)
        except Exception as error:
            if (sentence := explain(error, sys.argv[1:], config_name)) is None:
                raise
            mistakes.append(sentence)  # past Hydra, which would print the overrides as well

    try:
        check_one_method(arguments)
        hydra.main(version_base="1.3", config_path=str(CONF), config_name=config_name)(guarded)()
    except Exception as error:
        if (sentence := explain(error, sys.argv[1:], config_name)) is None:
            raise
        mistakes.append(sentence)
    except STOPS as stopped:
        from ck4gen.experiments.sweep import SweepReport  # which only a sweep needs

        if SweepReport.running is not None:
            stopped.add_note(SweepReport.running.stop())
        raise
    if mistakes:
        sys.exit(f"error: {mistakes[0]}")
