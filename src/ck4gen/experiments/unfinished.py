"""What a long computation says of itself when it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPS = (KeyboardInterrupt, SystemExit)  # Lightning turns the first into the second
NOTHING = "nothing was left behind"


@contextmanager
def unfinished(say: Callable[[], str]) -> Iterator[None]:
    """Add a sentence to an interruption that passes; the outermost computation has the last word.

    Args:
        say: What is done, and what becomes of it.
    """
    try:
        yield
    except STOPS as stopped:
        stopped.add_note(say())
        raise


def last_word(stopped: BaseException) -> str:
    """The sentence of the outermost computation that was stopped."""
    notes: list[str] = getattr(stopped, "__notes__", [])
    return notes[-1] if notes else NOTHING


def goes_on(done: int, total: int, of: str = "") -> str:
    """The sentence of what keeps its finished parts."""
    return f"{done} of {total}{of and ' ' + of} done; the same command goes on"
