"""One number of threads for all libraries; the last bits of a sum depend on it."""

from __future__ import annotations

from threadpoolctl import threadpool_limits

from ck4gen.importing import importing


def thread_limits(count: int) -> threadpool_limits:
    """A context in which NumPy, SciPy, scikit-learn and torch use ``count`` threads."""
    # only pools that are there are limited, and modules that use these may be imported later
    with importing(for_good=True):
        import sklearn  # noqa: F401
        import torch  # noqa: F401

    return threadpool_limits(count)
