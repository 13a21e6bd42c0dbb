"""Cuts of rules: numbers that ten patients stand behind, so that none is that of one patient.

The cut between two bands is the roundest number that parts them, if ``least`` patients of either
band lie between it and the next number as round, since it tells that somebody does. Otherwise it
follows from the last value of a band that so many share, as 0 before whatever is more.

The bound of a level comes from its patients without the ``least`` - 1 outermost ones, who decide
no more than whether the rule is stated. Where many share the last value it lies right behind that.
Otherwise it leaves room for a tail.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ck4gen.data.precision import decimals
from ck4gen.data.round_number import roundest

INNER = 3  # the width of a tail is that from the 10th to the 30th outermost patient
ROOM = 3  # widths of a tail in which a bound is looked for; the first stays free


def parted(bands: list[np.ndarray]) -> bool:
    """Whether each band ends before the next one begins."""
    return all(below.max() < above.min() for below, above in pairwise(bands))


def band_cuts(bands: list[np.ndarray], least: int) -> tuple[float, ...] | None:
    """The cuts between bands of numbers; None where one would tell of few patients.

    Args:
        bands: Numbers of each band, from the lowest band on; none overlap.
        least: Patients that stand behind a cut on each side.
    """
    unit = decimals(np.concatenate(bands))
    cuts = [_band_cut(below, above, least, unit) for below, above in pairwise(bands)]
    return tuple(cut for cut in cuts if cut is not None) if None not in cuts else None


def _band_cut(
    below: np.ndarray, above: np.ndarray, least: int, decimal_places: int
) -> float | None:
    low, high = below.max(), above.min()
    cut = roundest(low, high)
    if cut and min((below >= cut.before).sum(), (above < cut.after).sum()) >= least:
        return cut.value
    following = round(float(low) + 10.0**-decimal_places, decimal_places)
    if (below == low).sum() >= least and following <= high:
        return following
    return float(high) if (above == high).sum() >= least else None


def upper_bound(level: np.ndarray, others: np.ndarray, beyond: int, least: int) -> float | None:
    """The number below which all patients of a level lie; None where no number can be stated.

    Args:
        level: Numbers of its patients.
        others: Numbers of all other patients.
        beyond: Other patients that have to lie from the bound on.
        least: Patients that stand behind it.
    """
    if (others > level.max()).sum() < beyond:  # of most pairs of columns; the rest takes longer
        return None
    interval = _interval(level, others, beyond, least)
    bound = roundest(*interval) if interval else None
    return bound.value if bound and level.max() < bound.value else None


def lower_bound(level: np.ndarray, others: np.ndarray, beyond: int, least: int) -> float | None:
    """The number from which on all patients of a level lie; see :func:`upper_bound`."""
    if (others < level.min()).sum() < beyond:
        return None
    interval = _interval(-level, -others, beyond, least)
    # other patients lie below the bound, and not on it
    bound = roundest(-interval[1], -interval[0], from_above=True) if interval else None
    return bound.value if bound and level.min() >= bound.value else None


def _interval(
    level: np.ndarray, others: np.ndarray, beyond: int, least: int
) -> tuple[float, float] | None:
    """Where an upper bound may lie: above the first number, up to the second."""
    outermost, rest = np.sort(level)[::-1], np.sort(others)[::-1]
    if max(beyond, least) > len(rest) or len(level) < least:
        return None
    last = outermost[least - 1]
    furthest = rest[beyond - 1]
    if (level == last).sum() >= least:
        following = rest[rest > last][::-1]  # up to the value that enough patients have passed
        end = following[least - 1] if len(following) >= least else last
        return _room(last, min(end, furthest))
    inner = min(INNER * least, len(level) - least + 1)
    if inner <= least:
        return None
    width = last - outermost[inner - 1]
    return _room(last + width, min(last + ROOM * width, furthest))


def _room(low: float, high: float) -> tuple[float, float] | None:
    return (low, high) if low < high else None
