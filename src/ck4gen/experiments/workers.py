"""Processes that work for this one: none of them outlives it, however it ends."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

LOKY = "LokyProcess"  # how joblib names its workers
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
WATCH_SECONDS = 0.5  # between two looks at whether the parent is there
_followed: set[int] = set()  # parents that this process follows


def process_count(workers: int) -> int:
    """Processes that so many ``workers`` are; -1: one a core."""
    return (os.cpu_count() or 1) if workers == -1 else workers


def in_processes(
    work: Callable[..., Any], arguments: Iterable[tuple], workers: int
) -> Iterator[Any]:
    """Results of ``work(*arguments)`` as they come.

    Args:
        work: A function of a module.
        arguments: Arguments of each call.
        workers: Processes; 1: this one, one call after the other; -1: one a core.
    """
    from joblib import Parallel, delayed

    # named, since within the worker of a sweep joblib would take threads, which share a seed
    pool = Parallel(workers, backend="loky", return_as="generator_unordered")
    yield from pool(delayed(_call)(os.getpid(), work, one) for one in arguments)


def _call(parent: int, work: Callable[..., Any], arguments: tuple) -> Any:
    follow(parent)
    return work(*arguments)


def follow(parent: int) -> None:
    """Let this process end with the one that started it, if it is a worker of joblib's.

    Workers of a cluster have a supervisor of their own and another machine's numbers. An
    interruption is left to the parent, which says one sentence for all.

    Args:
        parent: Process number of whoever started the work.
    """
    if not multiprocessing.current_process().name.startswith(LOKY) or parent in _followed:
        return
    if parent == os.getpid():  # one of a sweep that does the work itself
        return
    _followed.add(parent)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":  # at once, also while a library computes
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)
