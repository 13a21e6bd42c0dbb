"""Imports that take seconds, made shorter."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing(for_good: bool = False) -> Iterator[None]:
    """Import without a search for garbage among what modules are made of.

    Torch, Lightning and scikit-learn make a million objects that stay. To look through them again
    and again takes a third of the CPU time of a short run.

    Args:
        for_good: Leave all that is alive after a first import out of later searches, too: for a
            process of our own, and not for a user's, whose own cycles would never be freed.
    """
    before, modules_before = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if for_good and len(sys.modules) > modules_before:
            gc.freeze()
        if before:
            gc.enable()
