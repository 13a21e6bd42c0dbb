"""The command ``ck4gen``: which verb runs what. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from ck4gen.cli.closed_pipe import until_nobody_reads
from ck4gen.cli.help import overview, page
from ck4gen.cli.interruption import interruptible
from ck4gen.cli.verbs import VERBS
from ck4gen.experiments.faults import sentence_of

HELP = ("-h", "--help")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; a user's mistake ends in one sentence and exit code 1.

    Args:
        arguments: The verb and what follows it; None: the command line.
    """
    verb, *rest = (sys.argv[1:] if arguments is None else list(arguments)) or ["--help"]
    with until_nobody_reads():
        _answer(verb, rest)


def unknown(verb: str) -> str:
    """The sentence for a verb that does not exist: the nearest one, and all of them."""
    near = get_close_matches(verb, VERBS, n=1)
    question = f"did you mean {near[0]}? The" if near else "the"
    return f"there is no command '{verb}'; {question} commands are {', '.join(VERBS)}"


def _answer(verb: str, rest: Sequence[str]) -> None:
    if verb in HELP:
        print(overview())
    elif verb == "--version":
        print(f"ck4gen {version('ck4gen')}")
    elif verb not in VERBS:
        sys.exit(f"error: {unknown(verb)}")
    elif any(flag in rest for flag in HELP):
        print(page(verb))
    else:
        with interruptible():
            _run(verb, rest)


def _run(verb: str, arguments: Sequence[str]) -> None:
    described = VERBS[verb]
    task = described.task
    if described.files is not None and _names_files(arguments):
        task = described.files
    elif described.config is not None:
        from ck4gen.cli.hydra_app import run

        run(described.config, described.task, [*described.adds, *arguments])
        return
    module, function = task.split(":")
    try:
        getattr(import_module(f"ck4gen.cli.{module}"), function)(arguments)
    except Exception as error:
        if (sentence := sentence_of(error)) is None:
            raise
        sys.exit(f"error: {sentence}")


def _names_files(arguments: Sequence[str]) -> bool:
    """Whether these are files and options, not ``key=value`` and Hydra's flags."""
    return any(
        argument in ("--duration", "--event")
        or Path(argument).is_file()
        or ("=" not in argument and argument[:1] not in "-~+" and Path(argument).suffix)
        for argument in arguments
    )
