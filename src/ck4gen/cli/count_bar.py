"""Many parts that are alike, as pairs of fits: what is made, how long it should take, one bar."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from ck4gen.cli.run_bar import MEASURED_ON, UNKNOWN
from ck4gen.cli.stage_bar import time_left
from ck4gen.experiments.expected import Expected
from ck4gen.experiments.spoken import spoken

LINES = 20  # at most so many lines where there is no terminal


@contextmanager
def count_bar(
    what: str, total: int, header: Callable[[int], str], each: float = 0.0
) -> Iterator[Callable[[int], None]]:
    """Yield what is to be told how many are done; nothing is shown before.

    Args:
        what: The parts, as ``pairs``.
        total: How many are wanted.
        header: The line above, for so many that are still to be made.
        each: Seconds that one should take; 0: not known.
    """
    console = Console(stderr=True)
    pace = Pace(total, each)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(12), _Left(pace)
    bars = Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # what is piped elsewhere stays there
    )
    with bars:
        bar = bars.add_task("", total=total, visible=False)

        def tell(done: int) -> None:
            if pace.first is None:
                console.print(header(total - done), soft_wrap=True, highlight=False, markup=False)
            before, text = pace.done, f"{done} of {total} {what}"
            pace.tell(done)
            bars.update(bar, completed=done, description=text, visible=done < total)
            if not console.is_terminal and done * LINES // total > before * LINES // total:
                print(text, file=sys.stderr, flush=True)

        yield tell


@dataclass
class Pace:
    """How fast the parts are made.

    Args:
        total: How many are wanted.
        each: Seconds that one should take, before one has been made; 0: not known.
        now: The clock, in seconds.
    """

    total: int
    each: float = 0.0
    now: Callable[[], float] = time.monotonic
    first: int | None = None  # how many there were before
    done: int = 0
    began: float = 0.0
    since: float = 0.0

    def tell(self, done: int) -> None:
        """Note how many are done now."""
        self.since = self.now()
        if self.first is None:
            self.first, self.began = done, self.since
        self.done = done

    @property
    def remaining(self) -> float | None:
        """Seconds until all are made; None before anything is known."""
        if self.first is None:
            return None
        made = self.done - self.first
        each = (self.since - self.began) / made if made else self.each
        if not each:
            return None
        return max((self.total - self.done) * each - (self.now() - self.since), 0.0)


def how_long(estimate: Expected, parts: float, noun: str = "table") -> str:
    """The time that so many should take.

    Args:
        estimate: What one takes.
        parts: How many are to be made, one after another.
        noun: What one is called.
    """
    if estimate.runs:
        runs = f"{estimate.runs} earlier run{'s' * (estimate.runs > 1)}"
        return f"{spoken(parts * estimate.total)}, by what {runs} took"
    if estimate.seconds:
        return (
            f"no earlier run says how long; {spoken(parts * estimate.total)} if each takes what a "
            f"{noun} of {MEASURED_ON} took"
        )
    return UNKNOWN


class _Left(ProgressColumn):
    """The time left."""

    max_refresh = 0.5

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self.pace = pace

    def render(self, task: Task) -> Text:
        """About how long it still takes, once that can be told."""
        return Text(time_left(self.pace.remaining))
