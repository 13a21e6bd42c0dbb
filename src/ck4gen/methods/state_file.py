"""A file of tensors, numbers and texts that this package wrote, read without executing anything."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from zipfile import is_zipfile

import torch

from ck4gen.settings import InputError, file_at


def read_state(path: str | Path, what: str, key: str, version: int) -> dict:
    """What a file holds.

    Args:
        path: The file.
        what: What it should be, in words.
        key: A key that every such file has.
        version: Its format.

    Raises:
        InputError: It is no such file, or one of another format.
    """
    path = file_at(f"the {what}", path)
    try:
        # torch also reads bare pickles, and fails on other files in ways of their own
        state = torch.load(path, "cpu", weights_only=True) if is_zipfile(path) else None
    except (UnpicklingError, RuntimeError) as error:
        raise InputError(f"{path} is no {what}, or a damaged one: it can't be read") from error
    if not isinstance(state, dict) or key not in state:
        raise InputError(f"{path} is no {what}, or a damaged one: it has no {key}")
    if state["format"] != version:
        raise InputError(
            f"{path} has format {state['format']}, and this ck4gen reads {version}; use ck4gen "
            f"{state['ck4gen']}, which wrote it"
        )
    return state
