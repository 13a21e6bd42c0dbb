"""``ck4gen card``: the card of a finished run again, without a fit or an attack."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import yaml

from ck4gen.settings import InputError

GROUP = "card."


def card(arguments: Sequence[str]) -> None:
    """Write the card of each folder anew, and say where it is.

    Raises:
        InputError: A folder or a key cannot be used.
    """
    args = parser().parse_args(arguments)
    # the folder of a run has a "=" in its name
    folders = [word for word in args.words if "=" not in word or Path(word).expanduser().exists()]
    keys = dict(word.split("=", 1) for word in args.words if word not in folders)
    if not folders:
        raise InputError("no folder is given; name the one that ck4gen synthesize made, or a run")
    if other := [key for key in keys if not key.startswith(GROUP)]:
        raise InputError(f"there is no key {other[0]} of ck4gen card; its keys begin with {GROUP}")
    settings = {key.removeprefix(GROUP): _value(text) for key, text in keys.items()}
    from ck4gen.experiments.remade_card import check_finished, remake_card  # seconds of imports

    paths = [Path(folder).expanduser().absolute() for folder in folders]
    check_finished(paths)
    for path in paths:
        for page in remake_card(path, settings):
            print(f"written: {page}", flush=True)


def parser() -> argparse.ArgumentParser:
    """What ``ck4gen card`` takes."""
    made = argparse.ArgumentParser("ck4gen card", add_help=False)
    made.add_argument(
        "words",
        nargs="+",
        metavar="FOLDER",
        help="what ck4gen synthesize made, or folders of runs; then keys such as card.licence=...",
    )
    return made


def _value(text: str) -> object:
    """A number, or a text as it is written."""
    value = yaml.safe_load(text)
    return value if isinstance(value, int) or value is None else text
