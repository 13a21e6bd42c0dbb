"""Covariates as people write them, broken into lines that a narrow panel holds."""

from __future__ import annotations

import re
from textwrap import wrap

from ck4gen.data.schema import Column

LINES = 2  # a longer meaning gives way to the column's name


def meaning_label(meaning: str, unit: str = "", step: float | None = None) -> str:
    """What a column measures, beginning with a capital, and its unit in brackets.

    Args:
        meaning: What it measures.
        unit: Its unit.
        step: What a hazard ratio is per: ``Age (per 10 years)``.
    """
    per = [] if step is None else [f"per {step:g}"]
    inside = " ".join([*per, *([unit.replace("^2", "²")] if unit else [])])
    return capital(meaning) + (f" ({inside})" if inside else "")


def capital(text: str) -> str:
    """A text that begins with a capital; what else is one stays so, as in AIDS."""
    return text[:1].upper() + text[1:]


def term_label(term: str, width: int) -> str:
    """A term of the Cox design, at most ``width`` letters a line."""
    return "\n".join(wrap(_plain(term), width))


def column_label(column: Column, width: int) -> str:
    """What a column measures, and its unit; its name where that takes too many lines."""
    if column.meaning:
        plain = re.sub(r" \(.*\)$", "", column.meaning)  # without what its values stand for
        whole = meaning_label(column.meaning, column.unit)
        for text in (whole, meaning_label(column.meaning), meaning_label(plain)):
            if len(lines := wrap(text, width)) <= LINES:
                return "\n".join(lines)
    return term_label(column.name, width)


def level_label(level: str) -> str:
    """A level of a category."""
    return level.replace("<=", "≤").replace(">=", "≥")


def _plain(name: str) -> str:
    below = re.sub(r"_lt(?=\d)", " <", level_label(name))
    return re.sub(r"[\[_]", " ", below).replace("]", "")
