"""Ctrl-C and SIGTERM: one line that says what is done, and the exit code that shells expect."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ck4gen.experiments.unfinished import last_word

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHELL = 128  # plus the signal: the exit code of what it ended


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn an interruption into one line and an exit code; a second one ends at once.

    Raises:
        SystemExit: This process was asked to stop.
    """
    if threading.current_thread() is not threading.main_thread():  # no other may handle signals
        yield
        return
    received: list[int] = []

    def stop(signum: int, _: FrameType | None) -> None:
        received.append(signum)
        signal.signal(signum, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = {signum: signal.signal(signum, stop) for signum in SIGNALS}
    try:
        yield
    except BaseException as error:
        if not received and not isinstance(error, KeyboardInterrupt):
            raise
        # whatever the libraries on the way have made of it, the signal was the cause
        print(f"stopped: {last_word(error)}", file=sys.stderr, flush=True)
        sys.exit(SHELL + (received or [signal.SIGINT])[0])
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
