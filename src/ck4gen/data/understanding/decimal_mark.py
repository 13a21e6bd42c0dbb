"""The decimal mark of each column: by its own cells, by the other columns, by the delimiter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.reading import Source
from ck4gen.data.understanding.missing_codes import USUAL
from ck4gen.data.understanding.raw_column import all_texts, number, whole_number

OTHER = {".": ",", ",": "."}
NAMES = {".": "points", ",": "commas"}
EXPONENT = r"(?:[eE][+-]?\d+)?"
# a number without its sign of a limit and its unit
BARE = re.compile(rf"(?:[<>≤≥]=?\s*)?([+-]?[\d.,]*\d{EXPONENT})\s*(?:%|[a-zµ°/]+)?", re.IGNORECASE)
ANSWERS = re.compile(r"\d(?:,\d)+")
# one group of three digits: a fraction, or thousands
EITHER = {m: re.compile(rf"[+-]?[1-9]\d{{0,2}}\{m}\d{{3}}") for m in OTHER}
# can only be read where the mark is the decimal one
SURE = {
    m: re.compile(
        rf"[+-]?(?:[1-9]\d{{0,2}}(?:\{o}\d{{3}})+|\d*)\{m}\d+{EXPONENT}"
        rf"|[+-]?[1-9]\d{{0,2}}(?:\{o}\d{{3}}){{2,}}"
    )
    for m, o in OTHER.items()
}


@dataclass(frozen=True)
class Mark:
    """How the numbers of a column are written.

    Attributes:
        decimal: Its decimal mark, ``.`` or ``,``.
        doubt: What to say where this is a guess; empty otherwise.
    """

    decimal: str = "."
    doubt: str = ""


@dataclass(frozen=True)
class _Cells:
    """Different cells of a column that are texts, without units: with a mark, and whole numbers."""

    marked: Sequence[str]
    whole: Sequence[str]
    texts: int

    @cached_property
    def sure(self) -> str:
        """The mark that the cells leave no choice of; empty where they leave it."""
        counts = {m: sum(_sure(text, m) for text in self.marked) for m in OTHER}
        best = max(counts, key=lambda m: counts[m])
        return best if counts[best] else ""

    @property
    def votes(self) -> str:
        """The sure mark of a column of numbers, which speaks for others; empty elsewhere."""
        return self.sure if 2 * (len(self.marked) + len(self.whole)) > self.texts else ""

    @property
    def answers(self) -> bool:
        """Whether cells with a mark look like answers, as 1,2 and 2,3: digits that rise."""
        return all(
            ANSWERS.fullmatch(text) and list(text[::2]) == sorted(set(text[::2]))
            for text in self.marked
        )

    @property
    def either(self) -> str:
        """The mark of cells that may be fractions or thousands; empty where there are none."""
        return next((m for m in OTHER if any(map(EITHER[m].fullmatch, self.marked))), "")

    def of_thousands(self, mark: str) -> bool | None:
        """Whether whole numbers beside lie nearer to the others if the mark is one of thousands.

        As 983 beside 1.051. Codes for a blank say nothing. None where no number says anything.
        """
        whole = [float(text) for text in self.whole]
        beside = [value for value in whole if value and value not in USUAL]
        if not beside:
            return None
        fractions = [number(text, mark) for text in self.marked if EITHER[mark].fullmatch(text)]
        shorter = max(beside) < 1000
        return bool(shorter and np.median(beside) > np.sqrt(1000) * np.median(np.abs(fractions)))


def decimal_marks(source: Source) -> dict[str, Mark]:
    """The decimal mark of every column that holds texts with a mark, by name.

    A column decides for itself where one of its numbers can be read in one way only. Where all may
    be fractions or thousands, as 3,512, whole numbers beside them decide, then what most other
    columns have; in a file with commas between its cells a comma is rather none of numbers.

    Args:
        source: The table as it was read.
    """
    cells = {str(name): _cells(source.frame[name]) for name in source.frame}
    cells = {name: column_cells for name, column_cells in cells.items() if column_cells.marked}
    votes = Counter(column_cells.votes for column_cells in cells.values())
    votes["."] += source.delimiter == ","
    voted_mark = max(OTHER, key=lambda m: votes[m]) if votes["."] != votes[","] else ""
    if source.delimiter == ",":
        voted_mark = voted_mark or "."
    usual = voted_mark or ("," if source.delimiter == ";" else ".")
    return {name: _mark(column_cells, voted_mark, usual) for name, column_cells in cells.items()}


def _mark(cells: _Cells, voted_mark: str, usual: str) -> Mark:
    """The mark of a column.

    Args:
        cells: Its cells.
        voted_mark: The decimal mark that other columns tell; empty where they tell none.
        usual: The decimal mark of such a file.
    """
    if sure := cells.sure:
        if sure != "," or voted_mark != ".":
            return Mark(sure)
        return Mark() if cells.answers else Mark(",", _doubt(",", "decimal marks"))
    mark = cells.either
    if not mark:
        return Mark(usual)
    beside = cells.of_thousands(mark)
    thousands = _likely_thousands(cells, mark, voted_mark) if beside is None else beside
    decimal = OTHER[mark] if thousands else mark
    if decimal == usual and (beside is not None or not thousands):
        return Mark(decimal)
    return Mark(decimal, _doubt(mark, "marks of thousands" if thousands else "decimal marks"))


def _likely_thousands(cells: _Cells, mark: str, voted_mark: str) -> bool:
    """Whether a mark of thousands is likelier, where no other number of the column tells."""
    if voted_mark:
        return voted_mark != mark
    return mark == "," and all(text.endswith("0") for text in cells.marked)  # 150,000


def _doubt(mark: str, meant: str) -> str:
    return f"its {NAMES[mark]} are read as {meant} (a guess)"


def _sure(text: str, mark: str) -> bool:
    return bool(SURE[mark].fullmatch(text)) and not EITHER[mark].fullmatch(text)


def _cells(values: pd.Series) -> _Cells:
    if values.dtype != object:
        return _Cells((), (), 0)
    cells = values.unique() if all_texts(values) else values
    texts = {str(value).strip() for value in cells if isinstance(value, str | int)} - {""}
    bare = [match[1] for text in texts if (match := BARE.fullmatch(text))]
    whole = [text for text in bare if whole_number(text)]
    return _Cells([text for text in bare if "," in text or "." in text], whole, len(texts))
