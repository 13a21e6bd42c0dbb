"""The columns of another table, where its cells alone would leave a doubt, as the real ones are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ck4gen.data.reading import Source
from ck4gen.data.schema import CAUSE
from ck4gen.data.understanding.decimal_mark import OTHER
from ck4gen.data.understanding.event import EventPlan
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.understand import raw_columns


def read_alike(
    table: Source, real: Mapping[str, RawColumn], event: EventPlan
) -> dict[str, RawColumn]:
    """The columns of another table by name.

    Args:
        table: It, as it was read.
        real: Columns of the real table.
        event: How the real event is read.
    """
    columns = {name: _decided(raw, real.get(name)) for name, raw in raw_columns(table).items()}
    if event.competing and CAUSE not in real and CAUSE in columns:
        columns[event.name] = _of_causes(columns.pop(CAUSE), event)
    elif event.name in columns:
        columns[event.name] = _spelled(columns[event.name], real[event.name], event)
    return columns


def _decided(raw: RawColumn, real: RawColumn | None) -> RawColumn:
    """A column whose decimal mark is a guess, by the reading whose numbers are like the real ones.

    As 25,540 beside 25.54, where the comma is none of thousands.
    """
    if real is None or not raw.doubt:
        return raw
    readings = raw, replace(raw, decimal=OTHER[raw.decimal])

    def distance(one: RawColumn) -> float:
        sizes = [np.nanmedian(np.abs(column.numbers)) for column in (one, real)]
        return float(np.abs(np.diff(np.log(sizes)))[0])

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a median of no numbers is none
        return min(readings, key=distance)


def _of_causes(cause: RawColumn, event: EventPlan) -> RawColumn:
    """The event with its real texts, of causes as methods draw them beside an event of 1 and 0."""
    text_of = {str(code): text for code, text in event.coding.items()}
    return replace(
        cause, name=event.name, values=cause.texts.map(lambda text: text_of.get(text, text))
    )


def _spelled(raw: RawColumn, real: RawColumn, event: EventPlan) -> RawColumn:
    """The event with the real spellings, where it has 1 and 0, as methods draw it."""
    text_of = {"0": event.censored, "1": event.happened}
    if not set(raw.texts) <= text_of.keys() or set(real.texts) & text_of.keys():
        return raw
    return replace(raw, values=raw.texts.map(text_of))
