"""A number never above the duration of its row, as a stay in hospital, or never below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ck4gen.data.rules import Columns, Rule

EXACT = 1e-9  # of a step: a number on the grid stays where it is


@dataclass(frozen=True)
class BesideDuration(Rule):
    """A number is never above the duration of its row, or never below it.

    The covariate gives way, since risk sets follow from durations. Columns without a duration, as
    before one is drawn, keep the rule.

    Attributes:
        column: The covariate.
        duration: Its column.
        called: What people call it.
        below: Whether the covariate is the lower one.
        gap: What lies between them at least; 0 where they may be equal.
        step: The grid of the covariate.
    """

    column: str
    duration: str
    called: str
    below: bool
    gap: float
    step: float

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        values = columns[self.column]
        if self.duration not in columns:
            return np.zeros(len(values), bool)
        limit = self._limit(columns)
        return values > limit + EXACT if self.below else values < limit - EXACT

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        columns[self.column][rows] = self._limit(columns)[rows]

    def _limit(self, columns: Columns) -> np.ndarray:
        """The last number on the grid that the duration allows."""
        steps = (columns[self.duration] - (self.gap if self.below else -self.gap)) / self.step
        whole = np.floor(steps + EXACT) if self.below else np.ceil(steps - EXACT)
        return np.round(whole * self.step, 9)

    @property
    def sentence(self) -> str:  # noqa: D102
        sign = "<" if self.gap else "<="
        pair = (self.column, self.called) if self.below else (self.called, self.column)
        return f"{pair[0]} {sign} {pair[1]}"

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return self.column, self.duration

    @property
    def mended(self) -> str:  # noqa: D102
        return self.column
