"""Imports that take seconds, made shorter."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Import without a search for garbage, now or later, among what modules are made of.

    Torch, Lightning and scikit-learn make a million objects that stay. To look through them again
    and again takes a third of the CPU time of a short run. What else is alive at a first import
    is freed by its reference count, as most things are.
    """
    before, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if before:
            gc.enable()
