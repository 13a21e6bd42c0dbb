"""A reader that has read enough, as ``head`` has, ends a command without a word."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def until_nobody_reads() -> Iterator[None]:
    """Leave quietly where the other end of the pipe of stdout is closed."""
    try:
        yield
        sys.stdout.flush()  # here, where it is caught, and not when Python ends
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
