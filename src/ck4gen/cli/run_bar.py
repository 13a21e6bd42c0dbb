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
    estimate = expected(config)
    steps = [step for step in RUN if step != "folds" or config.split == "crossfit"]
    stages = {step: (RUN[step], estimate.seconds.get(step, 0.0)) for step in steps}
    clock = StageClock(stages, timed=estimate.runs > 0)
    with stage_bar(clock=clock, header=header(config, estimate)) as begin:
        yield begin


def header(config: DictConfig, estimate: Expected) -> str:
    """What is made, from what, and how long it should take, on whose word."""
    folds = f" ({config.folds} folds)" if config.split == "crossfit" else ""
    return (
        f"{config.data.name}, {config.method.name}, split={config.split}{folds}, "
        f"seed={config.seed}, evaluation={config.evaluation.name}: {how_long(estimate)}"
    )


def how_long(estimate: Expected) -> str:
    """The time a run should take."""
    if estimate.runs:
        return (
            f"{spoken(estimate.total)}, "
            f"as {estimate.runs} earlier run{'s' * (estimate.runs > 1)} took"
        )
    if estimate.seconds:
        return (
            f"no earlier run says how long; one of {MEASURED_ON} with a full evaluation took "
            f"{spoken(estimate.total)}"
        )
    return UNKNOWN
