"""How long the stages of ``synthesize`` or of one run take, and when they will be over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# seconds on one core for WHAS500 and ACTG320; only their ratios count
STAGES = {
    "release/fit": ("fits all patients", 3.2),
    "release/draw": ("draws the table and calibrates it", 0.7),
    "release/evaluate": ("compares it with the real table", 2.8),
    "audit/fit": ("holds patients out, fits the others", 2.5),
    "audit/draw": ("draws the table of the audit", 0.7),
    "audit/evaluate": ("attacks the table of the audit", 5.1),
}
FOLD = 3.2  # the same for a fit and a table without a fold of patients
RUN = {  # of one run; how long they take, earlier runs say
    "fit": "fits",
    "draw": "draws and calibrates",
    "folds": "makes the tables without a fold",
    "evaluate": "evaluates",
}
OVERRUN = 1.15  # a stage that takes longer than expected is expected to take so much longer still


def crossed_stages(folds: int) -> dict[str, tuple[str, float]]:
    """The stages of ``synthesize`` where every patient is once held out.

    Args:
        folds: Parts of the cohort; a fit without each.
    """
    return {
        "release/fit": STAGES["release/fit"],
        "release/draw": STAGES["release/draw"],
        "audit/fit": (f"makes {folds} tables, each without other patients", folds * FOLD),
        "audit/evaluate": ("compares, and attacks these tables", 3.3),
    }


@dataclass
class StageClock:
    """Expected times, corrected as stages end.

    A stage is expected to take as long as the same stage of the first run did, in the measured
    ratio; before that is known, as long as those that have ended, in proportion.

    Args:
        stages: What each stage does and its seconds, 0 where that is not known.
        timed: The seconds are of earlier runs, so that they tell before any stage has ended.
        now: The clock, in seconds.
    """

    stages: Mapping[str, tuple[str, float]] = field(default_factory=lambda: STAGES)
    timed: bool = False
    now: Callable[[], float] = time.monotonic
    taken: dict[str, float] = field(default_factory=dict)
    current: str | None = None
    since: float = 0.0

    def begin(self, stage: str) -> None:
        """End the current stage and begin another one.

        Args:
            stage: A key of ``stages``.
        """
        if self.current is not None:
            self.taken[self.current] = self.now() - self.since
        self.current, self.since = stage, self.now()

    @property
    def number(self) -> int:
        """Number of the current stage, from 1."""
        return list(self.stages).index(self.current or next(iter(self.stages))) + 1

    @property
    def remaining(self) -> float | None:
        """Seconds until all is over; None while nothing has ended that would tell."""
        if self.current is None or not (self.taken or self.timed) or not self._has_times:
            return None
        elapsed = self.now() - self.since
        current_left = max(self._expected(self.current), OVERRUN * elapsed) - elapsed
        return current_left + sum(
            self._expected(stage) for stage in list(self.stages)[self.number :]
        )

    @property
    def share(self) -> float:
        """Share of the whole that is over."""
        elapsed = self.now() - self.since
        if (remaining := self.remaining) is not None:
            over = sum(self.taken.values()) + elapsed
            return over / max(over + remaining, 1e-9)
        return 0.0

    def _expected(self, stage: str) -> float:
        twin = stage.replace("audit/", "release/")
        timed_stages = [twin] if twin in self.taken else list(self.taken)
        measured = sum(self.stages[name][1] for name in timed_stages)
        if not measured:
            return self.stages[stage][1]
        return self.stages[stage][1] * sum(self.taken[name] for name in timed_stages) / measured

    @property
    def _has_times(self) -> bool:
        return any(seconds for _, seconds in self.stages.values())
