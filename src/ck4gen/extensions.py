"""Methods and datasets of other packages, found by their entry points.

A package that declares, in its ``pyproject.toml``,

    [project.entry-points."ck4gen.methods"]
    copula = "mypackage.copula:GaussianCopula"

adds ``method=copula`` to every command; ``ck4gen.datasets`` does the same for ``data=...``. The
keys are the parameters of the class, with their defaults.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from inspect import Parameter, signature

from hydra.core.config_store import ConfigStore

GROUPS = {"ck4gen.methods": "method", "ck4gen.datasets": "data"}  # entry points: config group
SPLIT = ("split", "holdout", "split_seed")  # given to every dataset by the run
MISSING = "???"  # a key that has to be given


@cache
def register_extensions() -> None:
    """Add a configuration for each entry point; one that fails to import is named in a warning."""
    store = ConfigStore.instance()
    for group, config_group in GROUPS.items():
        for entry in entry_points(group=group):
            if (node := _node(entry)) is not None:
                store.store(group=config_group, name=entry.name, node=node, provider=entry.value)


def _node(entry: EntryPoint) -> dict[str, object] | None:
    try:
        parameters = signature(entry.load()).parameters.values()
    except Exception as error:  # any fault of another package must not stop this one
        warnings.warn(f"{entry.value} cannot be imported and is left out: {error}", stacklevel=3)
        return None
    keys = {
        p.name: MISSING if p.default is Parameter.empty else p.default
        for p in parameters
        if p.kind not in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL) and p.name not in SPLIT
    }
    return {"name": entry.name, "_target_": entry.value.replace(":", ".")} | keys
