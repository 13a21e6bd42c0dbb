"""A YAML file that a user gives, as a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from ck4gen.settings import InputError, file_at


def read_mapping(name: str, path: str | Path) -> Mapping:
    """What a file holds; nothing where it holds no mapping.

    Args:
        name: The key that names the file, for messages.
        path: The file.

    Raises:
        InputError: There is no such file, or it is no YAML.
    """
    file = file_at(name, path)
    try:
        state = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"'{path}' is no YAML: {reason}") from error
    return state if isinstance(state, Mapping) else {}
