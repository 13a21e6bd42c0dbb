"""A command line that names a class of the user's own, with ``method=own`` or ``data=own``."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob
from omegaconf import DictConfig, OmegaConf

from ck4gen.config import CONF, choices
from ck4gen.settings import InputError

GROUPS = ("method", "data")
LISTED = ("name", "_target_")  # keys of conf/method/own.yaml and conf/data/own.yaml
NAME = re.compile(r"[^\W\d][\w.+-]*")


def added(argument: str, arguments: Collection[str]) -> str:
    """The argument, with Hydra's ``++`` where it gives a key of a class that no file lists.

    Args:
        argument: One word of the command line.
        arguments: All of them.
    """
    key = re.match(r"(\w+)\.(\w+)[\w.]*=", argument)
    if key is None or key[1] not in GROUPS or key[2] in LISTED:
        return argument
    return f"++{argument}" if f"{key[1]}=own" in arguments else argument


def check_one_method(arguments: Sequence[str]) -> None:
    """Refuse a class, or a name, that every method of a sweep would be given.

    Args:
        arguments: The command line.

    Raises:
        InputError: Packaged methods are listed beside it.
    """
    given = [key[1] for a in arguments if (key := re.match(r"\+*method\.(name|_target_)=", a))]
    methods = _methods(arguments) if given else []
    others = [method for method in methods if method != "own"]
    if len(methods) > 1 and others:
        raise InputError(
            f"method.{given[0]} would also be that of method={others[0]}, which the sweep lists; "
            "to compare, make two sweeps with the same output_dir, of method=own and of the "
            "others, or name your class by an entry point or by a file method/NAME.yaml in a "
            "folder that --config-dir gives"
        )


def check_name(method: DictConfig) -> None:
    """Refuse a name that names no folder of its own.

    Args:
        method: The node ``method`` of a configuration.

    Raises:
        InputError: It is a number or has other characters, or a class of the user's own has the
            name of a packaged method.
    """
    name = method.name
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(
            f"method.name is {name!r}; use a name that begins with a letter and goes on with "
            "letters, digits, '_', '-' and '.'"
        )
    packaged = {file.stem for file in (CONF / "method").glob("*.yaml")} - {"own"}
    if name in packaged and not str(method.get("_target_")).startswith("ck4gen."):
        raise InputError(
            f"method.name is '{name}', the name of a packaged method, whose runs those of "
            f"{method.get('_target_')} would stand among; use another name"
        )


def _methods(arguments: Sequence[str]) -> list[str]:
    """Methods of a sweep: those of the command line, or else of the file ``sweep=NAME``."""
    words = [a for a in arguments if a.startswith(("method=", "sweep="))]
    chosen = dict(word.split("=", 1) for word in words)
    file = CONF / "sweep" / f"{chosen.get('sweep')}.yaml"
    grid = OmegaConf.load(file).hydra.sweeper.params if file.is_file() else {}
    listed = chosen.get("method", grid.get("method", ""))
    override = OverridesParser.create().parse_override(f"method={listed}")
    if isinstance(pattern := override.value(), Glob):
        return pattern.filter(choices("method"))
    return [*override.sweep_string_iterator()] if override.is_sweep_override() else [listed]
