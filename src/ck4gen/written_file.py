"""A file that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ck4gen.settings import InputError


def check_file(name: str, file: Path) -> None:
    """Refuse to write a file that has no folder, or where a folder is.

    Args:
        name: The file as the user names it.
        file: The file.

    Raises:
        InputError: It cannot be there.
    """
    folder = file.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{name} lies in no folder that is there: {folder}")
    if file.is_dir():
        raise InputError(f"{name} is a folder; name a file")


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """A file beside ``file`` that takes its place by one rename, or goes if writing it fails."""
    temporary = file.with_name(f".{file.name}.partial")
    try:
        yield temporary
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
