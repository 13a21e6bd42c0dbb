"""Which values of an event column are causes that compete with the event."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from ck4gen.data.understanding.raw_column import whole_number

OTHER = "other"


@dataclass(frozen=True)
class Causes:
    """The causes of an event column.

    Attributes:
        happened: The text of the event.
        competing: Texts of each cause that competes with it; the first one stands for all.
        notes: What the user should know.
    """

    happened: str
    competing: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def causes(
    texts: pd.Series, censored: Collection[str], happened: str | None, min_cell: int
) -> Causes:
    """The event and the causes that compete with it.

    The event is the value that is asked for. Else it is the lowest of whole numbers, by custom,
    and the most frequent of words. Causes of fewer than ``min_cell`` patients become one, under a
    name that follows from the others: a cause that hardly anybody had is that of a single patient.
    Where that one is too small as well, it counts as censored.

    Args:
        texts: (n,) values of the column.
        censored: Values of rows in which nothing happened.
        happened: The value that is the event; None: by rule.
        min_cell: Fewest patients of a cause.
    """
    counts = texts[~texts.isin(censored)].value_counts()
    if happened is None:
        happened = _usual(counts[counts >= min_cell] if counts.max() >= min_cell else counts)
    others = counts.drop(happened)
    order = _in_order(others[others >= min_cell].index)
    rare = _in_order(others[others < min_cell].index)
    competing: list[tuple[str, ...]] = [(text,) for text in order]
    notes = []
    if rare and others[rare].sum() >= min_cell:
        name = _unused([happened, *order, *censored])
        competing.append((name, *rare))
        notes.append(f"{len(rare)} causes of fewer than {min_cell} patients are one, '{name}'")
    elif rare:
        notes.append(
            f"{', '.join(rare)}: {others[rare].sum()} patients are too few for a cause and count "
            "as censored"
        )
    return Causes(happened, tuple(competing), tuple(notes))


def _usual(counts: pd.Series) -> str:
    if all(map(whole_number, counts.index)):
        return _in_order(counts.index)[0]
    return str(counts.index[0])


def _in_order(values: Sequence[str]) -> list[str]:
    """Numbers by size, words by the alphabet."""
    return sorted(map(str, values), key=lambda v: (int(v), v) if whole_number(v) else (0, v))


def _unused(values: Sequence[str]) -> str:
    """A value beside those that are shown: a number among numbers, so that the column stays one.

    It may be one of the rare causes, which are all among it; that none of them has it would tell of
    them.
    """
    if all(map(whole_number, values)):
        return str(max(map(int, values)) + 1)
    name = OTHER
    while name in values:
        name += "_"
    return name
