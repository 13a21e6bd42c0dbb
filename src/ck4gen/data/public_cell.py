"""One cell of a user's table, read by what is publicly known and by nothing else.

What stands in other rows, or in other columns, changes nothing: a formal guarantee rests on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from ck4gen.data.public_table import PublicTable
from ck4gen.data.understanding.dates import STAND_INS
from ck4gen.data.understanding.levels import key_of
from ck4gen.data.understanding.raw_column import AND_ABOVE, BLANKS, number, written

TRUTHS = {"true": "1", "yes": "1", "false": "0", "no": "0"}  # YAML takes [no, yes] for 0 and 1
ISO = "2024-01-31"
GROUPS = r"([+-]?[<>≤≥=\s]*)(\d{{1,3}}(?:{mark}\d{{3}})+)(.*)"


def is_blank(cell: object) -> bool:
    """Whether a cell is empty or holds a word that always means a blank."""
    return written(cell).casefold() in BLANKS


def unknown_by(codes: Sequence[str]) -> Callable[[object], bool]:
    """What says whether a cell is blank, or a text that stands for an unknown value."""
    keys = set(map(key_of, codes))
    return lambda cell: is_blank(cell) or key_of(written(cell)) in keys


def level_reader(levels: Sequence[str], codes: Sequence[str] = ()) -> Callable[[object], float]:
    """What turns a cell into the code of its level, NaN where it is none.

    Its text is a level, or is one but for case, double blanks and a full stop; 1, 1.0, true and yes
    are one level, and so are 0, 0.0, false and no.

    Args:
        levels: The levels, in the order of their codes.
        codes: Texts that stand for an unknown value.
    """
    exact = {level: float(code) for code, level in enumerate(levels)}
    once = Counter(map(key_of, levels))
    spelled = {key_of(level): code for level, code in exact.items() if once[key_of(level)] == 1}
    unknown = set(map(key_of, codes))

    def read(cell: object) -> float:
        text = written(cell)
        key = key_of(text)
        if key in unknown:
            return np.nan
        return exact.get(text, spelled.get(key, exact.get(TRUTHS.get(key, ""), np.nan)))

    return read


def number_reader(
    public: PublicTable, unit: str = "", codes: Sequence[str] = ()
) -> Callable[[object], float]:
    """What turns a cell into a number, NaN where it is none or infinite.

    A text has the decimal mark and the mark of thousands that are publicly stated. Half of a
    detection limit stands for ``<0.5``, and 90 for ``90+``.

    Args:
        public: How numbers are written.
        unit: What may follow the number.
        codes: Texts that stand for an unknown value.
    """
    groups = re.compile(GROUPS.format(mark=re.escape(public.thousands_mark)))
    is_unknown = unknown_by(codes)

    def of_text(text: str) -> float:
        if unit and text.casefold().endswith(unit.casefold()):
            text = text[: -len(unit)].rstrip()
        if AND_ABOVE.fullmatch(text):
            text = text.rstrip("+ ")
        if public.thousands_mark and (match := groups.fullmatch(text)):
            text = f"{match[1]}{match[2].replace(public.thousands_mark, '')}{match[3]}"
        if public.decimal_mark == ",":
            text = text.replace(".", " ").replace(",", ".", 1)
        return np.nan if "," in text else number(text)

    def read(cell: object) -> float:
        if is_unknown(cell):
            return np.nan
        if isinstance(cell, int | float | np.number | np.bool_ | Decimal):
            value = float(cell)
        else:
            value = of_text(str(cell).strip())
        return value if np.isfinite(value) else np.nan

    return read


def day_of(cell: object, date_format: str) -> datetime | None:
    """The date in a cell; None where there is none, or one that stands for none as 9999-12-31.

    Args:
        cell: A date, or a text.
        date_format: How a text may be written; as 2024-01-31 it may always be.
    """
    if is_blank(cell):
        return None
    text = cell.isoformat() if isinstance(cell, datetime | date) else str(cell).strip()
    for written_so in filter(None, (date_format, ISO)):
        try:
            day = (
                datetime.fromisoformat(text)
                if written_so == ISO
                else datetime.strptime(text, written_so)
            )
        except ValueError:
            continue
        return None if day.date().isoformat() in STAND_INS else day.replace(tzinfo=None)
    return None


def duration_reader(public: PublicTable) -> Callable[[object], float]:
    """What turns a cell into a time, NaN where it is none of at least 0."""
    read = number_reader(public, public.duration_unit)

    def time(cell: object) -> float:
        value = read(cell)
        return value if value >= 0 else np.nan

    return time


def days_between(start: object, end: object, public: PublicTable) -> float:
    """Whole days from one date to another, NaN where one is none or the end lies before."""
    first, last = day_of(start, public.date_format), day_of(end, public.date_format)
    if first is None or last is None or last < first:
        return np.nan
    return float((last - first).days)


def cells_of(values: pd.Series) -> list[object]:
    """The cells of a column, each as the object that it is."""
    return list(values.astype(object))
