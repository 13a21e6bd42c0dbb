"""Levels of too few patients: merged, and named so that no single patient's text is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.levels import STAGE, key_of
from ck4gen.data.understanding.raw_column import written
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import COMMON

OTHER = "other"
OTHERS = ("other", "others")
CODE = re.compile(r"[+-]|[a-z]|[a-z]?\d[a-z]?")  # 1, A, T2, G3b


def plain(level: str) -> bool:
    """Whether a level is a common word or a short code, which tells nothing of who has it."""
    if STAGE.fullmatch(key_of(level)):
        return True
    parts = key_of(level).replace("_", " ").split()
    return all(part in COMMON or CODE.fullmatch(part) or STAGE.fullmatch(part) for part in parts)


def counted(numbers: np.ndarray) -> Counter[str]:
    """Patients of each number, as it is written, in the order of the numbers.

    Args:
        numbers: (n,) values without NaN.
    """
    distinct, counts = np.unique(numbers, return_counts=True)
    return Counter(dict(zip(map(written, distinct.tolist()), map(int, counts), strict=True)))


def other_of(levels: Sequence[str]) -> str:
    """What a column calls all other levels: its own word where it has one."""
    return next((level for level in levels if key_of(level) in OTHERS), OTHER)


def pooled_rare(
    levels: Sequence[str],
    counts: Counter[str],
    ordered: bool,
    settings: Understanding,
) -> dict[str, str]:
    """Level -> level: those of fewer than ``min_cell`` patients are merged.

    Levels with an order go into their neighbour, others into ``other`` or what the column calls
    it. Beside two common levels ``other`` needs ``min_cell`` patients, too: of fewer each joins the
    most frequent level, so that a rare patient changes nothing of the others. Two levels are all
    that is left of some columns: where one of them is rare it is called ``other``, unless both have
    :func:`plain` names.

    Args:
        levels: Levels in order.
        counts: Patients of each.
        ordered: Whether the order means something.
        settings: ``min_cell``, and ``max_levels``, above which the rarest are merged.
    """
    if len(levels) == 2 and all(map(plain, levels)):
        return {level: level for level in levels}
    if ordered and 2 < len(levels) <= settings.max_levels:
        return _into_neighbours(list(levels), counts, settings.min_cell)
    rest, most = other_of(levels), settings.max_levels
    by_count = sorted(levels, key=lambda level: -counts[level])
    room = most - 1 if len(levels) > most else most
    enough = settings.min_cell
    kept = [level for level in by_count[:room] if counts[level] >= enough or level == rest]
    rare = [level for level in levels if level not in kept]
    if not rare and (rest not in kept or counts[rest] >= enough):
        return {level: level for level in levels}
    common = [level for level in kept if counts[level] >= enough and level != rest]
    few = sum(counts[level] for level in {*rare, rest}) < enough and len(common) > 1
    into = common[0] if few else rest
    return {
        level: level if level in kept and not (few and level == rest) else into for level in levels
    }


def _into_neighbours(levels: list[str], counts: Counter[str], min_cell: int) -> dict[str, str]:
    groups = [[level] for level in levels]
    size = [counts[level] for level in levels]
    while len(groups) > 2 and min(size) < min_cell:
        smallest = size.index(min(size))
        sides = [side for side in (smallest - 1, smallest + 1) if 0 <= side < len(groups)]
        other = min(sides, key=lambda side: size[side])
        low, high = sorted((smallest, other))
        groups[low] += groups.pop(high)
        size[low] += size.pop(high)
    return {level: _named(group, counts, min_cell) for group in groups for level in group}


def _named(group: list[str], counts: Counter[str], min_cell: int) -> str:
    """The name of neighbours: their common level's, since a rare one's may be one patient's."""
    commonest = max(group, key=lambda level: counts[level])
    if counts[commonest] >= min_cell:
        return commonest
    if all(map(plain, group)):
        return " or ".join(group)
    return commonest if sum(counts[level] for level in group) >= min_cell else OTHER


def with_two_sides(plan: ColumnPlan, counts: Counter[str], settings: Understanding) -> ColumnPlan:
    """The plan of a column such as 0 and 1, dropped where one side has hardly a patient.

    Their names tell nothing of a patient, so fewer than ``min_cell`` may have one, which is said.

    Args:
        plan: How it is read.
        counts: Patients of both values.
        settings: ``min_side`` and ``min_cell``.
    """
    (common, _), *rarer = counts.most_common()
    if not rarer or rarer[0][1] >= settings.min_cell:
        return plan
    value, patients = rarer[0]
    if patients < settings.fewest:
        return ColumnPlan(plan.name, drop="only one value in enough patients", facts=common)
    note = f"only {patients} rows are {value}: a table may have none; --drop leaves it out"
    return replace(plan, notes=(*plan.notes, note))
