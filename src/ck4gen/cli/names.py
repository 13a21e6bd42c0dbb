"""Several columns in one word of a command line."""

from __future__ import annotations


def names(text: str) -> list[str]:
    """The names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
