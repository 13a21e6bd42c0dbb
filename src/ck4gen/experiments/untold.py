"""Finished runs of which Weights & Biases was not told, though it is to be."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from omegaconf import DictConfig

SHOWN = 5  # folders; more are told by a pattern


def untold(config: DictConfig, folders: Collection[Path]) -> str:
    """A sentence on runs that were found finished; empty where nothing is to be told of them.

    Args:
        config: What was asked for; the loggers count.
        folders: Folders of the runs that were found.
    """
    loggers = [logger for logger in config.get("logger", {}).values() if "project" in logger]
    left_out = [folder for folder in folders if not (folder / "wandb").is_dir()]
    if not loggers or not left_out:
        return ""
    offline = " --offline" if loggers[0].get("offline") else ""
    names = [shlex.quote(str(folder)) for folder in left_out]
    if len(names) > SHOWN:
        root = Path(config.output_dir).expanduser().absolute()
        names = [f"{shlex.quote(str(root))}/runs/*/*/*/*"]
    many = f"{len(left_out)} runs that were" if len(left_out) > 1 else "this run, which was"
    return (
        f"Weights & Biases was not told of {many} finished before; "
        f"ck4gen wandb-sync {' '.join(names)}{offline} does"
    )
