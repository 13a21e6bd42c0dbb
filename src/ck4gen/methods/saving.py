"""A fitted method as one file of plain numbers, texts and tensors; no pickle.

The file holds how the method was made, its training rows, and the weights of its networks. To load
it, the method is made anew and fitted to the same rows with the same seed; networks take their
weights from the file instead of being trained. Trees and forests are grown again, which takes
about a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch
from hydra.utils import get_class

from ck4gen.config import built
from ck4gen.data.schema import Schema
from ck4gen.data.table_datamodule import TableDataModule
from ck4gen.methods.state_file import read_state
from ck4gen.models.training import TrainedStage, TrainerSettings, Training
from ck4gen.settings import InputError
from ck4gen.written_file import check_file, replaced

if TYPE_CHECKING:
    from ck4gen.methods.base import Synthesizer

FORMAT = 3
TARGET = "_target_"


def save_method(method: Synthesizer, path: Path) -> None:
    """Write a fitted method; see :meth:`ck4gen.methods.base.Synthesizer.save`."""
    if not hasattr(method, "data"):
        raise InputError("the method is not fitted; fit it before save()")
    training = method.training
    state = {
        "format": FORMAT,
        "ck4gen": version("ck4gen"),
        "method": _node(method),
        "schema": method.data.schema.to_state(),
        "train": _columns(method.data.train),
        "holdout": None if method.data.holdout is None else _columns(method.data.holdout),
        "names": method.names,
        "training": {
            "settings": asdict(training.settings),
            "seed": training.seed,
            "secret": training.secret,
        },
        "stages": {
            name: {"weights": dict(stage.weights), "steps": stage.steps}
            for name, stage in training.finished.items()
        },
    }
    file = path.expanduser()
    check_file(str(path), file)
    with replaced(file) as temporary:
        torch.save(state, temporary)


def load_method(path: str | Path) -> Synthesizer:
    """Read a fitted method that :meth:`Synthesizer.save` wrote; nothing in it is executed.

    Raises:
        InputError: It is no such file, or one of another format.
    """
    state = read_state(path, "saved method", "method", FORMAT)
    _check_targets(state["method"])
    schema = Schema.from_state(state["schema"])
    holdout = None if state["holdout"] is None else _table(state["holdout"])
    data = TableDataModule(_table(state["train"]), schema).with_parts(
        _table(state["train"]), holdout
    )
    trained = {name: TrainedStage(**stage) for name, stage in state["stages"].items()}
    settings = TrainerSettings(**state["training"]["settings"])
    training = Training(
        settings, state["training"]["seed"], state["training"]["secret"], trained=trained
    )
    method = built(state["method"]).fit(data, training=training)
    method.names = state["names"]
    return method


def _node(part: object) -> object:
    """Arguments as plain values; an object is the class and the arguments that make it."""
    if hasattr(part, "arguments"):
        if part.arguments is None:
            raise InputError(
                "this is a copy whose calibration was switched off, and can't be saved; save the "
                "method that it was made from"
            )
        return _target(part) | {key: _node(value) for key, value in part.arguments.items()}
    if is_dataclass(part):
        values = {field.name: getattr(part, field.name) for field in fields(part)}
        return _target(part) | {key: _node(value) for key, value in values.items()}
    if isinstance(part, Mapping):
        return {key: _node(value) for key, value in part.items()}
    return part


def _target(part: object) -> dict:
    return {TARGET: f"{type(part).__module__}.{type(part).__qualname__}"}


def _check_targets(node: object) -> None:
    """Raise an InputError where a file names a class that is no method and no part of one."""
    if not isinstance(node, Mapping):
        return
    if TARGET in node:
        cls = get_class(node[TARGET])
        if not any(base.__module__.startswith("ck4gen.methods.") for base in cls.__mro__):
            raise InputError(f"the file names {node[TARGET]}, which is no method of ck4gen")
    for value in node.values():
        _check_targets(value)


def _columns(table: pd.DataFrame) -> dict[str, torch.Tensor | list[str]]:
    return {
        name: list(values) if values.dtype == object else torch.from_numpy(values.to_numpy().copy())
        for name, values in table.items()
    }


def _table(columns: Mapping[str, torch.Tensor | list[str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: values.numpy()
            if isinstance(values, torch.Tensor)
            else pd.Series(values, dtype=object)
            for name, values in columns.items()
        }
    )
