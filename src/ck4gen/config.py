"""Where the configuration lives, and how Python code reads its defaults."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf

from ck4gen.extensions import register_extensions
from ck4gen.importing import importing
from ck4gen.settings import InputError

hydra_log = logging.getLogger("hydra.utils")
PACKAGE = Path(__file__).parent
_CHECKOUT = PACKAGE.parents[1]
INSTALLED = (PACKAGE / "conf").is_dir()  # in a wheel conf/ lies inside the package
CONF = PACKAGE / "conf" if INSTALLED else _CHECKOUT / "conf"
ROOT = Path.cwd() if INSTALLED else _CHECKOUT

OmegaConf.register_new_resolver("project_root", lambda: str(ROOT), replace=True)


def defaults(*overrides: str, script: str = "train") -> dict[str, Any]:
    """The configuration of a script under overrides such as ``method=ck4gen``, as a dict.

    Files of ``conf`` are read once in a process, as modules are: Hydra takes a tenth of a second.
    """
    register_extensions()
    paths: tuple[str, ...] = ()
    if GlobalHydra.instance().is_initialized():
        search_path = GlobalHydra.instance().config_loader().get_search_path().get_path()
        paths = tuple(str(element.path) for element in search_path)
    return deepcopy(_composed(script, overrides, paths))


@cache
def _composed(script: str, overrides: tuple[str, ...], paths: tuple[str, ...]) -> dict[str, Any]:
    """See :func:`defaults`; ``paths`` are those that Hydra searches inside a job, else none."""
    if paths:
        return as_dict(compose(script, overrides=list(overrides)), resolve=False)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return as_dict(compose(script, overrides=list(overrides)), resolve=False)


def as_dict(node: object, resolve: bool = True) -> dict[str, Any]:
    """A configuration as a plain dict, interpolations resolved unless ``resolve`` is false."""
    keys = OmegaConf.to_container(node, resolve=resolve)
    if not isinstance(keys, dict):
        raise TypeError(f"a configuration of keys is expected, not {type(keys).__name__}")
    return {str(key): value for key, value in keys.items()}


def choices(group: str) -> list[str]:
    """Names of a configuration group: its files, and what other packages add to it."""
    register_extensions()
    names = {file.stem for file in (CONF / group).glob("*.yaml")}
    added = ConfigStore.instance().repo.get(group, {})
    return sorted(names | {name.removesuffix(".yaml") for name in added})


def built(node: Mapping, **more: object) -> Any:
    """The object that a node of ``conf/data`` or ``conf/method`` describes.

    Args:
        node: Its keys. ``name`` and ``display``, by which people know it, are not its
            class's, nor are those of a node within it.
        **more: Further keys.

    Raises:
        InputError: There is no such class, it does not take these keys, or a class of a user's own
            cannot be made from them.
    """
    keys = without(as_dict(node) if OmegaConf.is_config(node) else node, "name", "display")
    _check_keys(keys)
    try:
        return instantiate(keys, **more, _convert_="all")
    except InstantiationException as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, InputError):
            cause = cause.__cause__
        if cause is None and not str(keys["_target_"]).startswith(f"{__package__}."):
            cause = _not_made(keys["_target_"], error)
        raise cause or error from None


def _not_made(target: str, error: InstantiationException) -> InputError:
    """The sentence for a class of a user's own whose constructor fails."""
    reason = error.__cause__ or error
    said = " ".join(str(reason).split())
    return InputError(
        f"{target} cannot be made from its keys: {type(reason).__name__}: {said}; mend the keys or "
        "the class"
    )


def _check_keys(node: object) -> None:
    """Raise an InputError where a node has a key that its class does not take, or lacks one."""
    if not isinstance(node, Mapping):
        return
    if "_target_" in node:
        try:
            hydra_log.disabled = True  # it would say the same in four lines
            with importing():
                target = get_object(node["_target_"])
        except (ImportError, ValueError) as error:
            raise InputError(f"there is no class '{node['_target_']}' to import") from error
        finally:
            hydra_log.disabled = False
        parameters = signature(target).parameters
        if all(p.kind is not Parameter.VAR_KEYWORD for p in parameters.values()):
            for key in node:
                if key not in parameters and not key.startswith("_"):
                    raise InputError(
                        f"{target.__name__} has no key '{key}'; its keys are "
                        f"{', '.join(parameters) or 'none'}"
                    )
    for value in node.values():
        _check_keys(value)


def without(node: Mapping, *left_out: str) -> dict:
    """A configuration without some keys, at every depth."""
    return {
        key: without(value, *left_out) if isinstance(value, Mapping) else value
        for key, value in node.items()
        if key not in left_out
    }


def check_complete(config: DictConfig) -> None:
    """Raise an InputError unless every key has a value."""
    if missing := OmegaConf.missing_keys(config):
        key = min(missing)
        raise InputError(f"{key} has no value; give it as {key}=...")
