"""Delimited text: its encoding, its delimiter, what stands above the header."""

from __future__ import annotations

import codecs
import csv
import gzip
from collections import Counter
from io import StringIO
from pathlib import Path

import pandas as pd

from ck4gen.data.reading.around import left_above
from ck4gen.data.reading.source import Source
from ck4gen.settings import InputError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MARKS = {  # byte order mark: encoding
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
GZIP = b"\x1f\x8b"  # with which such a file begins
LOOKED_AT = 200  # lines from which the delimiter is guessed
ROWS_NAMED = 5  # rows that a message names


def read_text(file: Path) -> Source:
    """Read a delimited text file whole, one that gzip packed as well; every cell stays a text.

    Args:
        file: Its delimiter is the one of comma, semicolon, tab and bar that cuts most lines into
            the same number of cells; lines above the header have another number.

    Raises:
        InputError: The file is no text, or a line has too few or too many cells.
    """
    content = file.read_bytes()
    packed = content.startswith(GZIP)
    text, encoding = decoded(gzip.decompress(content) if packed else content)
    if "\0" in text:
        raise InputError(f"'{file.name}' is no text; save the table as .csv or .xlsx")
    delimiter = delimiter_of(text)
    rows = _rows(text, delimiter)
    width = _usual_width(rows)
    above = next((i for i, row in enumerate(rows) if len(row) in (width, width - 1)), 0)
    if width > 1 and len(rows[above]) == width - 1 and not _is_header(rows, above, width):
        above += 1
    header, *body = rows[above:]
    body = [row for row in body if any(cell.strip() for cell in row)]
    if len(header) == width - 1:
        header, body = _one_cell_more(header, body)
    _check_quotes(body, delimiter, len(header), file)
    _check_widths(body, len(header), file)
    names = [name.strip() or f"Unnamed: {column_index}" for column_index, name in enumerate(header)]
    notes = [f"{DELIMITERS[delimiter]}-separated", encoding]
    if above:
        notes.append(left_above(above))
    cells = [[cell.strip() for cell in row] for row in body]
    frame = pd.DataFrame(cells, columns=names, dtype=object)
    return Source(frame, notes=tuple(notes), delimiter=delimiter)


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding: by its mark, else UTF-8, else Latin-1."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding), encoding.removesuffix("-sig")
    if content[1:40:2].count(0) > 10:  # no mark, but every other byte of Latin text is 0
        return content.decode("utf-16-le"), "utf-16"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "latin-1"


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells, above one."""
    head = "".join(text.splitlines(keepends=True)[:LOOKED_AT])
    best, most = ",", (0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _rows(head, delimiter))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        if width > 1 and (count, width) > most:
            best, most = delimiter, (count, width)
    return best


def _rows(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(10**9)  # a free text may be long
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    return [row for row in reader if row]


def _usual_width(rows: list[list[str]]) -> int:
    return max(Counter(map(len, rows)).items(), key=lambda item: (item[1], item[0]))[0]


def _is_header(rows: list[list[str]], row_index: int, width: int) -> bool:
    """Whether a line one cell short is the header: then the next ones are full, and it is text."""
    return all(len(row) == width for row in rows[row_index + 1 : row_index + 3]) and all(
        cell.strip() for cell in rows[row_index]
    )


def _one_cell_more(header: list[str], body: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """A header that is one cell short of its rows: these end in a delimiter, or begin with a name.

    R's write.table leaves the row names without a header, and no two of them are the same.
    """
    full = [row for row in body if len(row) == len(header) + 1]
    if not any(row[-1].strip() for row in full):
        return header, [row[: len(header)] if len(row) > len(header) else row for row in body]
    names = {row[0] for row in full}
    return (["", *header] if len(names) == len(full) else header), body


def _check_quotes(body: list[list[str]], delimiter: str, width: int, file: Path) -> None:
    """A quote that never closes makes one cell of all rows below it."""
    for number, row in enumerate(body, 1):
        for cell in filter(_in_lines, row):
            lines = [line for line in cell.split("\n")[1:] if line.strip()]
            whole = lines[:-1] or lines
            if whole and all(line.count(delimiter) == width - 1 for line in whole):
                raise InputError(
                    f"'{file.name}': a quote opens in row {number} and does not close before the "
                    "next row; close it, or remove it"
                )


def _in_lines(cell: str) -> bool:
    return "\n" in cell


def _check_widths(body: list[list[str]], width: int, file: Path) -> None:
    wrong = [number for number, row in enumerate(body, 1) if len(row) != width]
    if wrong:
        shown = ", ".join(map(str, wrong[:ROWS_NAMED])) + (", ..." * (len(wrong) > ROWS_NAMED))
        raise InputError(
            f"'{file.name}' has {width} columns, but {len(wrong)} rows have more or fewer cells "
            f"(rows {shown}); put texts that hold the delimiter into quotes"
        )
