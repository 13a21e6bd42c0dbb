"""The time left: not known, then in proportion, then from the same stage of the first run."""

import io

import pytest
from rich.console import Console

from ck4gen.cli.stage_bar import stage_bar, time_left
from ck4gen.experiments.stage_clock import STAGES, StageClock, crossed_stages

COST = {name: seconds for name, (_, seconds) in STAGES.items()}


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return StageClock(now=Clock())


def test_nothing_is_promised_before_a_stage_has_ended(clock):
    clock.begin("release/fit")
    clock.now.time = 100
    assert clock.remaining is None
    assert clock.share == 0


def test_a_machine_half_as_fast_takes_twice_as_long(clock):
    clock.begin("release/fit")
    clock.now.time = 2 * COST["release/fit"]
    clock.begin("release/draw")
    assert clock.remaining == pytest.approx(2 * (sum(COST.values()) - COST["release/fit"]))
    assert clock.share == pytest.approx(COST["release/fit"] / sum(COST.values()))


def test_the_audit_is_expected_to_take_what_the_first_run_took(clock):
    for stage in list(STAGES)[:3]:  # all as expected but the evaluation, ten times as long
        clock.begin(stage)
        clock.now.time += COST[stage] * (10 if stage == "release/evaluate" else 1)
    clock.begin("audit/fit")
    expected = COST["audit/fit"] + COST["audit/draw"] + 10 * COST["audit/evaluate"]
    assert clock.remaining == pytest.approx(expected)


def test_tables_without_a_fold_take_as_long_as_there_are_folds():
    """A machine a third as fast as the one measured, ten folds, and the evaluation after them."""
    stages = crossed_stages(10)
    clock = StageClock(stages, now=Clock())
    for stage in ("release/fit", "release/draw"):
        clock.begin(stage)
        clock.now.time += 3 * stages[stage][1]
    clock.begin("audit/fit")
    left = 3 * (stages["audit/fit"][1] + stages["audit/evaluate"][1])
    assert clock.remaining == pytest.approx(left)
    assert clock.share < 0.2
    assert crossed_stages(5)["audit/fit"][1] == stages["audit/fit"][1] / 2


def test_a_stage_that_overruns_is_never_over(clock):
    clock.begin("release/fit")
    clock.now.time = 10
    clock.begin("release/draw")
    shares = []
    for later in (10, 100, 1000):
        clock.now.time = 10 + later
        shares.append(clock.share)
        assert clock.remaining > 0
    assert shares == sorted(shares)
    assert shares[-1] < 1


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "not known yet"), (3, "a few seconds"), (47, "about 50 s"), (200, "about 3 min")],
)
def test_the_time_left_is_said_as_people_say_it(seconds, said):
    assert said in time_left(seconds)


def test_a_terminal_shows_a_bar():
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with stage_bar(console) as begin:
        for stage in STAGES:
            begin(stage)
    shown = console.file.getvalue()
    assert "attacks the table of the audit" in shown
    assert "left" in shown
    assert "…" not in shown  # nothing is cut off
