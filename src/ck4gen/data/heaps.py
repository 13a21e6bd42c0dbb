"""Round numbers that people prefer: pressures in tens, most months in whole ones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ck4gen.data.precision import decimals

FACTORS = (2, 5, 10)  # of a grid to the next coarser one
OF_UNITS = (3, 4, 6, 7, 12)  # likewise from whole numbers on: a quarter of a minute, a week, a year
CLOSE, DOUBLE = 1e-6, 1e-12  # of a step, of a value: how near a value lies to a grid that it is on
DIGITS = 2  # of a part, as it is kept
COARSEST = 0.5  # SDs of the column: on wider steps the values' own shape looks like a preference
PARTS = [part / 10**DIGITS for part in range(10**DIGITS + 1)]
ROUNDS = 3  # of fitting the parts in turn


@dataclass(frozen=True)
class Heaps:
    """On which grids the values of a column lie, and how many are to be moved onto each.

    People round some values to tens, some to units (heaping: Heitjan and Rubin 1990). Our choice:
    how finely a value is written does not hang on it.

    Attributes:
        steps: Steps of the grids, from fine to coarse, each a multiple of the one before.
        parts: Part of the values around each point of a grid that is moved onto it, of those that
            lie on no coarser one.
    """

    steps: tuple[float, ...] = ()
    parts: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        values: np.ndarray,
        weight: np.ndarray,
        smooth: np.ndarray,
        group: float,
        excess: float,
    ) -> Heaps:
        """Those that give a smooth column as many values on each grid as patients have.

        Args:
            values: (n,) values of the patients.
            weight: (n,) their weights.
            smooth: (m,) values of the column's quantile function, at equal steps of their share.
            group: Fewest patients who make a grid.
            excess: How many more than by chance lie on a grid, in standard deviations of their
                number, for it to be preferred.

        Returns:
            None where no grid is preferred.
        """
        steps = _preferred(values, group, excess)
        ends, finest = (smooth[0], smooth[-1]), decimals(values)
        if steps == [10.0**-finest]:
            return cls()
        target_shares = [1.0, *(weight @ _lies_on(values, s) / weight.sum() for s in steps[1:])]
        parts = np.zeros(len(steps))

        def reached(k: int, part: float) -> bool:
            parts[k] = part
            heaped = cls(tuple(steps), tuple(parts))(smooth, *ends)
            return bool(_lies_on(np.round(heaped, finest), steps[k]).mean() >= target_shares[k])

        for _ in range(ROUNDS):  # a grid has values of finer ones by chance
            for k in range(len(steps)):
                enough = bisect_left(PARTS[:-1], True, key=partial(reached, k))
                parts[k] = PARTS[enough]
        return cls(tuple(steps), tuple(float(part) for part in parts))

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {"steps": list(self.steps), "parts": list(self.parts)}

    @classmethod
    def from_state(cls, state: Mapping) -> Heaps:
        """The heaps of :meth:`to_state`."""
        return cls(tuple(state["steps"]), tuple(state["parts"]))

    def on_grids(self, values: np.ndarray) -> np.ndarray:
        """(n, k) which values lie on which grid."""
        return np.stack([_lies_on(values, step) for step in self.steps], 1)

    def __call__(self, values: np.ndarray, low: float, high: float) -> np.ndarray:
        """(n,) values -> (n,) values, the right number of them on each grid.

        Those that lie nearest to a point of a grid are moved onto it, and the others are spread
        over what is left between two points, so the order of values stays, and the number there.

        Args:
            values: (n,) values as a smooth quantile function gives them.
            low: No value is moved below it.
            high: Nor above it.
        """
        values, waits = values.astype(float), np.full(len(values), True)
        for step, part in zip(self.steps[::-1], self.parts[::-1], strict=True):
            grid_points = np.round(values / step)
            off = values / step - grid_points  # -1/2 to 1/2 of a step
            may = waits & (grid_points * step >= low) & (grid_points * step <= high)
            onto = may & (np.abs(off) <= max(part / 2, CLOSE))
            spread = may & ~onto
            values[onto] = grid_points[onto] * step
            rest = (np.abs(off[spread]) - part / 2) / max(1 - part, CLOSE)
            values[spread] = step * (grid_points[spread] + np.sign(off[spread]) * rest)
            waits &= ~onto
        return values


def _preferred(values: np.ndarray, group: float, excess: float) -> list[float]:
    """Steps from the finest grid on, each a multiple of the last that holds more than its part.

    The least and the greatest value are left out: they may be limits of detection.
    """
    inside = values[(values > values.min()) & (values < values.max())]
    steps, widest = [10.0 ** -decimals(values)], COARSEST * values.std()
    while True:
        fine = _lies_on(inside, steps[-1])
        factors = FACTORS + (OF_UNITS if steps[-1] >= 1 else ())
        narrow = (f for f in factors if steps[-1] * f <= widest)
        grids = {f: _lies_on(inside, round(steps[-1] * f, 9)) for f in narrow}
        coarse = _most(grids, fine, 0.0, group, excess)
        if coarse is None:
            break
        off = fine & ~grids[coarse]  # fives stand out beside tens alone
        finer = {f: grid for f, grid in grids.items() if f < coarse and coarse % f == 0}
        between = _most(finer, off, 1 / coarse, group, excess)
        steps += [round(steps[-1] * f, 9) for f in (between, coarse) if f is not None]
    on = [_lies_on(values, step) for step in steps]
    while len(steps) > 1 and (~on[1]).sum() < group:  # what so few have stays theirs
        steps, on = steps[1:], on[1:]
    return steps


def _most(
    grids: Mapping[int, np.ndarray],
    among: np.ndarray,
    taken: float,
    group: float,
    excess: float,
) -> int | None:
    """The factor whose grid holds most more than by chance, None if none does enough.

    Args:
        grids: (n,) what lies on the grid of each factor.
        among: (n,) the values that count.
        taken: Part of all points that those on a coarser grid have, which do not count.
        group: Values above chance, at least.
        excess: The same in standard deviations.
    """
    number, factor_by_score = among.sum(), {}
    for factor, grid in grids.items():
        chance = (1 / factor - taken) / (1 - taken)
        above = (grid & among).sum() - number * chance
        score = above / np.sqrt(max(number * chance * (1 - chance), CLOSE))
        if above >= group and score >= excess:
            factor_by_score[score] = factor
    return factor_by_score[max(factor_by_score)] if factor_by_score else None


def _lies_on(values: np.ndarray, step: float) -> np.ndarray:
    multiples = values / step
    return np.abs(multiples - np.round(multiples)) < CLOSE + DOUBLE * np.abs(multiples)
