"""The stages of ``synthesize`` or of a run: a bar with the time left on a terminal, else lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.progress_bar import ProgressBar
from rich.text import Text

from ck4gen.experiments.spoken import spoken
from ck4gen.experiments.stage_clock import StageClock


@contextmanager
def stage_bar(
    console: Console | None = None, clock: StageClock | None = None, header: str = ""
) -> Iterator[Callable[[str], None]]:
    """Yield what is to be told the stage that begins.

    Args:
        console: Where to show it; None: standard error.
        clock: That of the stages; None: that of ``synthesize``.
        header: A line above, as soon as the first stage begins.
    """
    console = console or Console(stderr=True)
    clock = clock or StageClock()
    if not console.is_terminal:

        def line(stage: str) -> None:
            if header and clock.current is None:
                print(header, file=sys.stderr, flush=True)
            clock.begin(stage)
            print(_title(clock), file=sys.stderr, flush=True)

        yield line
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), _Share(clock), _Left(clock)
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=1, visible=False)

        def begin(stage: str) -> None:
            if clock.current is None:
                progress.update(bar, visible=True)
                if header:
                    console.print(header, soft_wrap=True, highlight=False)
            clock.begin(stage)
            progress.update(bar, description=_title(clock))

        yield begin


def _title(clock: StageClock) -> str:
    what, _ = clock.stages[clock.current or next(iter(clock.stages))]
    return f"{clock.number} of {len(clock.stages)}: {what}"


class _Share(BarColumn):
    """The bar of the whole, which moves while a stage says nothing."""

    def __init__(self, clock: StageClock) -> None:
        super().__init__(bar_width=12)
        self.clock = clock

    def render(self, task: Task) -> ProgressBar:
        """The bar at its share of now."""
        task.completed = self.clock.share
        return super().render(task)


class _Left(ProgressColumn):
    """The time left."""

    max_refresh = 0.5

    def __init__(self, clock: StageClock) -> None:
        super().__init__()
        self.clock = clock

    def render(self, task: Task) -> Text:
        """About how long it still takes, once that can be told."""
        return Text(time_left(self.clock.remaining))


def time_left(seconds: float | None) -> str:
    """The time left as people say it."""
    return "time left not known yet" if seconds is None else f"{spoken(seconds)} left"
