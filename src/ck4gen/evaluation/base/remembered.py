"""Results that hang on the real patients alone, kept while one table after the other meets them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from joblib import hash as content

MOST = 32  # results of one function: a sweep turns to the next cohort before it comes back
Given = ParamSpec("Given")
Found = TypeVar("Found")


def remembered(compute: Callable[Given, Found]) -> Callable[Given, Found]:
    """``compute``, which answers at once where it was asked with the same contents before.

    Sweeps, cross-fitting and tests compare table after table with the same patients. Tables are
    known by their contents, since each run reads them anew. Nothing leaves the process.

    Args:
        compute: A function of its arguments and of nothing else; nobody may change its result.
    """
    cached: OrderedDict[str, Found] = OrderedDict()

    @wraps(compute)
    def looked_up(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        key = content((args, kwargs))
        if key not in cached:
            cached[key] = compute(*args, **kwargs)
        cached.move_to_end(key)
        if len(cached) > MOST:
            cached.popitem(last=False)
        return cached[key]

    return looked_up
