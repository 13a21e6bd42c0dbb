"""What a library call warns of, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ck4gen.experiments.prepare import noted


@contextmanager
def printed_notes() -> Iterator[None]:
    """Print what the user should know, once all went well."""
    notes: set[str] = set()
    with noted(notes):
        yield
    for note in sorted(notes):
        print(f"note: {note}")
