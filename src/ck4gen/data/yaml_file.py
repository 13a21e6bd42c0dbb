"""A YAML file that a user gives, as a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from ck4gen.settings import InputError


def read_mapping(file: Path) -> Mapping:
    """What a file holds; nothing where it holds no mapping.

    Raises:
        InputError: It is no YAML.
    """
    try:
        state = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is no YAML: {str(error).splitlines()[0]}") from error
    return state if isinstance(state, Mapping) else {}
