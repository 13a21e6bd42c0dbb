"""Where the configuration lives, and how Python code reads its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from ck4gen.settings import InputError

PACKAGE = Path(__file__).parent
_CHECKOUT = PACKAGE.parents[1]
INSTALLED = (PACKAGE / "conf").is_dir()  # in a wheel conf/ lies inside the package
CONF = PACKAGE / "conf" if INSTALLED else _CHECKOUT / "conf"
ROOT = Path.cwd() if INSTALLED else _CHECKOUT

OmegaConf.register_new_resolver("project_root", lambda: str(ROOT), replace=True)


def defaults(*overrides: str, script: str = "train") -> dict:
    """The configuration of a script under overrides such as ``method=ck4gen``, as a dict."""
    if GlobalHydra.instance().is_initialized():  # inside a job the search path is already set
        config = compose(script, overrides=list(overrides))
    else:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose(script, overrides=list(overrides))
    return OmegaConf.to_container(config)


def built(node: Mapping, **more: object) -> Any:
    """The object that a node of ``conf/data`` or ``conf/method`` describes.

    Args:
        node: Its keys. ``name`` and ``display``, by which people know it, are not its
            class's, nor are those of a node within it.
        **more: Further keys.
    """
    keys = OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    return instantiate(without(keys, "name", "display"), **more, _convert_="all")


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
