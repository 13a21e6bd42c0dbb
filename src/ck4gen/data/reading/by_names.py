"""A file with columns of known names, each row by itself.

The other readers look at the whole file: for its encoding, its delimiter, totals below it, and
whether texts are numbers. There one row can change how others are read.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ck4gen.data.reading.files import EXTRA, READERS, r_frames, read_failed
from ck4gen.data.reading.frames import plain_frame
from ck4gen.data.reading.source import Source
from ck4gen.data.reading.text import DELIMITERS, GZIP, decoded
from ck4gen.settings import InputError, did_you_mean, file_at, require

LINE = re.compile(rb"\r\n|\n|\r")
ROWS_NAMED = 5  # rows that a message names
R_ENDINGS = (".rds", ".rda", ".rdata")


def read_by_names(path: str | Path, names: Sequence[str]) -> Source:
    """Read a file whose header is the first line that names all of these columns.

    Args:
        path: Delimited text, Excel, Parquet, Stata, SPSS, SAS or R.
        names: Names of columns, none twice.

    Raises:
        InputError: There is no such file, no line names all columns, or a row has more or fewer
            cells than the header.
    """
    file = file_at("the table", path)
    ending = file.suffix.lower()
    try:
        if ending == ".xlsx":
            frame = _of_sheet(file, names)
        elif ending in R_ENDINGS:
            frame = _of_r(file, names)
        elif ending in READERS:
            frame = plain_frame(READERS[ending](file).frame)
        else:
            frame = _of_text(file, names)
    except InputError:
        raise
    except Exception as error:  # each reader has errors of its own
        raise read_failed(path, file, error) from error
    check_there(names, list(frame))
    return Source(frame, notes=("each row by itself",))


def check_there(names: Sequence[str], header: Sequence[str]) -> None:
    """Raise an InputError where a header lacks names, or has one of them twice."""
    if lacking := [name for name in names if name not in header]:
        said = "; ".join(f"the table has no column '{name}'" for name in lacking)
        raise InputError(f"{said}{did_you_mean(lacking[0], list(header))}")
    if twice := [name for name in names if list(header).count(name) > 1]:
        raise InputError(f"column name '{twice[0]}' stands twice; rename one of them")


def _of_text(file: Path, names: Sequence[str]) -> pd.DataFrame:
    lines = _lines(file.read_bytes())
    headers = (
        (number, delimiter, _cells(line, delimiter))
        for number, line in enumerate(lines)
        for delimiter in DELIMITERS
    )
    found = next((each for each in headers if {*names} <= {*each[2]}), None)
    if found is None:
        guesses = [_cells(lines[0], delimiter) for delimiter in DELIMITERS] if lines else [[]]
        check_there(names, max(guesses, key=len))
        raise InputError(f"no line of '{file.name}' names all of {', '.join(names)}")
    above, delimiter, header = found
    check_there(names, header)
    rows = [row for line in lines[above + 1 :] if any(row := _cells(line, delimiter))]
    # a delimiter at the end of a row is no cell
    rows = [row[:-1] if len(row) == len(header) + 1 and not row[-1] else row for row in rows]
    wrong = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
    if wrong:
        shown = ", ".join(map(str, wrong[:ROWS_NAMED])) + (", ..." * (len(wrong) > ROWS_NAMED))
        raise InputError(
            f"'{file.name}' names {len(header)} columns, but {len(wrong)} rows have more or fewer "
            f"cells (rows {shown}); each line is read by itself: put texts that hold the delimiter "
            "into quotes, and leave out columns whose texts hold line breaks"
        )
    columns = {name: [row[header.index(name)] for row in rows] for name in header if name}
    return pd.DataFrame(columns, dtype=object)


def _lines(content: bytes) -> list[str]:
    """The lines of a text; one that is no UTF-8 changes no other one."""
    if content.startswith(GZIP):
        content = gzip.decompress(content)
    text, encoding = decoded(content)
    if encoding == "utf-16":
        lines = re.split(LINE.pattern.decode(), text)
    else:
        lines = [decoded(line)[0] for line in LINE.split(content)]
    if any("\0" in line for line in lines):
        raise InputError("the table is no text; save it as .csv or .xlsx")
    return [line for line in lines if line.strip()]


def _cells(line: str, delimiter: str) -> list[str]:
    csv.field_size_limit(10**9)  # a free text may be long
    row = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    return [cell.strip() for cell in row]


def _of_sheet(file: Path, names: Sequence[str]) -> pd.DataFrame:
    """Of the first sheet; as objects, or texts would be numbers where all of a column are."""
    require("openpyxl", EXTRA, f"reading {file.name}")
    cells = pd.read_excel(file, header=None, dtype=object, keep_default_na=False, na_values=[""])
    headers = (
        ["" if pd.isna(c) else str(c).strip() for c in row] for row in cells.itertuples(index=False)
    )
    found = next(((i, h) for i, h in enumerate(headers) if {*names} <= {*h}), None)
    if found is None:
        check_there(names, [str(cell).strip() for cell in cells.iloc[0]] if len(cells) else [])
        raise InputError(f"no line of '{file.name}' names all of {', '.join(names)}")
    above, header = found
    check_there(names, header)
    body = cells.iloc[above + 1 :].dropna(how="all").set_axis(header, axis=1)
    named = [i for i, name in enumerate(header) if name and header.index(name) == i]
    return body.iloc[:, named].reset_index(drop=True)


def _of_r(file: Path, names: Sequence[str]) -> pd.DataFrame:
    """Of the data frame of R that has these columns."""
    frames = [plain_frame(frame) for frame in r_frames(file).values()]
    having = [frame for frame in frames if {*names} <= {*frame}]
    if len(having) > 1:
        raise InputError(f"{len(having)} data frames of '{file.name}' have these columns; keep one")
    return having[0] if having else frames[0]
