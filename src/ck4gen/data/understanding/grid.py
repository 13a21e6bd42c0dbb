"""The grid that the numbers of a column lie on, and whether they are codes."""

from __future__ import annotations

import numpy as np

from ck4gen.data.precision import MAX_DECIMALS
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import NUMBERS, PLACES, vocabulary, words

STEPS = (1000, 500, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.1, 0.05, 0.01, 0.001)
TAIL = 3  # rarer values beyond the common ones, from which on they are a tail and no codes
ODD = 0.05  # share of values that may lie beside a grid
DIGITS = np.arange(10)
CODES = PLACES | vocabulary(
    """
    arm group trt treatment therapy type celltype race ethnicity ethnic histology code cat category
    class cluster batch cohort study plate marital occupation religion
    """
)


def step_of(values: np.ndarray, few: int = 0) -> float:
    """The widest usual step on which the values lie; 0 without one.

    Args:
        values: (n,) values without NaN.
        few: So many may lie beside it, if they are rare among the values other than 0: then no odd
            cell decides the grid of a column.
    """
    not_zero = np.count_nonzero(values)
    for step in STEPS:
        beside = int((~_multiple(values, step)).sum())
        if beside <= min(few, ODD * not_zero):
            return step
    return 0


def moved_to_grid(values: np.ndarray, step: float) -> np.ndarray:
    """(n,) values, those beside a grid moved to its nearest number.

    Args:
        values: (n,) values, NaN for a blank; an infinite one stays.
        step: The grid; 0 without one.
    """
    if not step:
        return values
    beside = np.isfinite(values)
    beside[beside] = ~_multiple(values[beside], step)
    if not beside.any():
        return values
    moved = values.copy()
    moved[beside] = np.round(np.round(values[beside] / step) * step, MAX_DECIMALS)
    return moved


def _multiple(values: np.ndarray, step: float) -> np.ndarray:
    """(n,) whether a value is a multiple of a step, but for what computers lose."""
    scale = max(1.0, float(np.abs(values).max(initial=0.0)))
    multiples = values / step
    return np.abs(multiples - np.round(multiples)) < 1e-9 * scale / step + 1e-12


def allowed_values(values: np.ndarray, step: float, settings: Understanding) -> tuple[float, ...]:
    """The only values that a column can take, where they are few and leave gaps in their grid.

    A value that fewer than ``min_cell`` patients have is left out, as its nearest neighbour will
    stand for it; where fewer than two are left, there are none to hold the column to. Where the
    others lie side by side and several rarer ones beyond them, as 0.7, 0.8, ... 1.3 of creatinine
    before 1.7, 2.5 and 6.4, the gaps are those of a tail in a small cohort: the column is a plain
    numeric.

    Args:
        values: (n,) values without NaN.
        step: Their grid.
        settings: ``max_values`` different ones are few.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) > settings.max_values or len(distinct) > len(values) / 2:
        return ()
    if not _gaps(distinct, step):
        return ()
    common = distinct[counts >= settings.min_cell]
    if len(common) > 1 and not _gaps(common, step):
        beyond = (distinct < common[0]) | (distinct > common[-1])
        if beyond.sum() >= TAIL:
            return ()
    return tuple(float(v) for v in common) if len(common) > 1 else ()


def nearly_constant(values: np.ndarray, settings: Understanding) -> bool:
    """Whether too few patients have another value than the commonest, so that each would show.

    Args:
        values: (n,) values without NaN.
        settings: ``min_cell`` others are enough; of digits, which may be codes, ``min_side``.
    """
    distinct, counts = np.unique(values, return_counts=True)
    digits = np.isin(distinct, DIGITS).all()
    return len(values) - counts.max() < (settings.fewest if digits else settings.min_cell)


def _gaps(distinct: np.ndarray, step: float) -> bool:
    """Whether places of the grid between these values are empty."""
    return not step or len(distinct) < round(np.ptp(distinct) / step) + 1


def is_code(name: str, values: np.ndarray, settings: Understanding) -> bool:
    """Whether whole numbers name categories: by the column's name, few, small, no count.

    Args:
        name: The column's name.
        values: (n,) values without NaN.
        settings: ``max_levels`` is the most, unless the name says nothing else, as ``site_no``.
    """
    distinct = np.unique(values)
    whole = bool((distinct == np.round(distinct)).all())
    if not whole or len(distinct) <= 2:
        return False
    spoken = words(name)
    if len(distinct) > settings.max_levels:
        named = set(spoken) - NUMBERS - {"id"}
        return bool(named) and named <= CODES
    return bool(CODES & {*spoken, "".join(spoken)} or (spoken and spoken[0] in CODES))
