"""One sentence for each mistake on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ck4gen.config import choices, defaults
from ck4gen.experiments.faults import sentence_of
from ck4gen.settings import InputError, did_you_mean, there_is_no

PATHS = ("run", "out", "data.path", "output_dir")
LAUNCHERS = ("joblib", "ray", "submitit_local", "submitit_slurm")  # each a plugin of its own


def quoted(argument: str) -> str:
    """Quote the value of a path for Hydra, whose grammar has its own use for ``=`` and ``(``."""
    key, separator, value = argument.partition("=")
    if not separator or key not in PATHS or value[:1] in ("'", '"', "$"):
        return argument
    return f"{key}='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def explain(error: BaseException, arguments: list[str], script: str) -> str | None:
    """One sentence for a mistake of the user; None for a fault that deserves a traceback.

    Args:
        error: What was raised.
        arguments: The command line, for the names that would have been right.
        script: Name of the script's configuration.
    """
    chain = [error]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    if (sentence := sentence_of(error)) is not None:
        return sentence
    text = "\n".join(map(str, chain))
    if group := re.search(r"Could not find '(.+)/(.+?)'", text):
        if group[2] in LAUNCHERS:
            return f'hydra/launcher={group[2]} is not installed; run pip install "ck4gen[sweeps]"'
        of, *rest = group[1].split("/")  # data=whas500/x: of data there is no whas500/x
        while rest and not choices(of):
            of = f"{of}/{rest.pop(0)}"
        return there_is_no(of, "/".join([*rest, group[2]]), choices(of))
    if missing := re.search(r"Error locating target '(.+?)'", text):
        return f"there is no '{missing[1]}' to import; give the dotted path of what is installed"
    if several := re.search(r"Ambiguous value for argument '(.+?)'\n", text):
        return (
            f"{several[1]} gives several values, and this command takes one; for a run of each use "
            "ck4gen sweep, for a list write [a,b], and for a text with a comma quote it"
        )
    if key := re.search(r"full_key: (\S+)", text):
        return _unknown_key(key[1], arguments, script)
    is_config_error = isinstance(error, HydraException | OmegaConfBaseException)
    if not is_config_error or "Error in call to" in text:
        return None
    return " ".join(str(error).split())


@contextmanager
def explained(arguments: Sequence[str], script: str) -> Iterator[None]:
    """Hydra's complaint about a key as an InputError, outside its own main.

    Args:
        arguments: The overrides that are composed.
        script: Name of the configuration.

    Raises:
        InputError: A key or a value is wrong.
    """
    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        if (sentence := explain(error, list(arguments), script)) is None:
            raise
        raise InputError(sentence) from error


def _unknown_key(key: str, arguments: list[str], script: str) -> str:
    parent, _, name = key.rpartition(".")
    groups = [a for a in arguments if re.match(r"[\w@/]+=", a) and choices(re.split("[@=]", a)[0])]
    right: list[str] = []
    composed = OmegaConf.create(defaults(script=script))
    for argument in groups:
        try:
            composed = OmegaConf.create(defaults(*right, argument, script=script))
        except (HydraException, OmegaConfBaseException):
            continue
        right.append(argument)
    node = OmegaConf.select(composed, parent) if parent else composed
    where = f"'{parent}'" if parent else "the configuration"
    if node is None or not OmegaConf.is_dict(node):
        return f"there is no key '{key}'"
    keys = [str(child) for child in node]
    return f"{where} has no key '{name}'; its keys are {', '.join(keys)}{did_you_mean(name, keys)}"
