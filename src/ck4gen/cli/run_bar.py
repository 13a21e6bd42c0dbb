"""What one run announces: what it makes, how long it should take, and one bar through its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from omegaconf import DictConfig

from ck4gen.cli.stage_bar import stage_bar
from ck4gen.experiments.expected import Expected, expected
from ck4gen.experiments.spoken import spoken
from ck4gen.experiments.stage_clock import RUN, StageClock

MEASURED_ON = "whas500"  # the cohort of conf/measured_seconds.yaml
UNKNOWN = "no earlier run says how long it takes"


@contextmanager
def run_bar(config: DictConfig) -> Iterator[Callable[[str], None]]:
    """Yield what is to be told the step that begins; nothing is shown before.

    Args:
        config: ``conf/train.yaml``, composed.
    """
    known = expected(config)
    steps = [step for step in RUN if step != "folds" or config.split == "crossfit"]
    stages = {step: (RUN[step], known.seconds.get(step, 0.0)) for step in steps}
    clock = StageClock(stages, timed=known.runs > 0)
    with stage_bar(clock=clock, header=header(config, known)) as begin:
        yield begin


def header(config: DictConfig, known: Expected) -> str:
    """What is made, from what, and how long it should take, on whose word."""
    folds = f" ({config.folds} folds)" if config.split == "crossfit" else ""
    return (
        f"{config.data.name}, {config.method.name}, split={config.split}{folds}, "
        f"seed={config.seed}, evaluation={config.evaluation.name}: {how_long(known)}"
    )


def how_long(known: Expected) -> str:
    """The time a run should take."""
    if known.runs:
        return f"{spoken(known.total)}, as {known.runs} earlier run{'s' * (known.runs > 1)} took"
    if known.seconds:
        return (
            f"no earlier run says how long; one of {MEASURED_ON} with a full evaluation took "
            f"{spoken(known.total)}"
        )
    return UNKNOWN
