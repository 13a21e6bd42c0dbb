"""Covariates as people write them, broken into lines that a narrow panel holds."""

from __future__ import annotations

import re
from textwrap import wrap

from ck4gen.data.schema import Column

LINES = 2  # a longer meaning gives way to the column's name


def term_label(term: str, width: int) -> str:
    """A term of the Cox design, at most ``width`` letters a line."""
    return "\n".join(wrap(_plain(term), width))


def column_label(column: Column, width: int) -> str:
    """What a column measures, and its unit; its name where that takes too many lines."""
    if column.meaning:
        meaning = column.meaning[0].upper() + column.meaning[1:]
        unit = f" ({column.unit.replace('^2', '²')})" if column.unit else ""
        for text in (meaning + unit, meaning):
            if len(lines := wrap(text, width)) <= LINES:
                return "\n".join(lines)
    return term_label(column.name, width)


def level_label(level: str) -> str:
    """A level of a category."""
    return level.replace("<=", "≤").replace(">=", "≥")


def _plain(name: str) -> str:
    below = re.sub(r"_lt(?=\d)", " <", level_label(name))
    return re.sub(r"[\[_]", " ", below).replace("]", "")
