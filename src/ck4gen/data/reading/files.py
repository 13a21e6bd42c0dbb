"""Which reader a file needs, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ck4gen.data.reading.around import left_above, lines_above, without_totals
from ck4gen.data.reading.frames import plain_frame
from ck4gen.data.reading.source import Source
from ck4gen.data.reading.text import read_text
from ck4gen.settings import InputError, file_at, require

EXTRA = "files"


def read_table_file(path: str | Path) -> Source:
    """Read a table: delimited text, Excel, Parquet, Stata, SPSS, SAS or R.

    Raises:
        InputError: There is no such file, it cannot be read, or a column name stands twice.
    """
    file = file_at("the table", path)
    if not file.stat().st_size:
        raise InputError(f"'{path}' is empty")
    read = READERS.get(file.suffix.lower(), read_text)
    try:
        source = read(file)
    except InputError:
        raise
    except Exception as error:  # each reader has errors of its own
        raise read_failed(path, file, error) from error
    duplicates = source.frame.columns[source.frame.columns.duplicated()]
    if len(duplicates):
        raise InputError(f"column name '{duplicates[0]}' stands twice in '{path}'; rename one")
    frame, note = without_totals(source.frame)
    notes = (*source.notes, *[note] * bool(note))
    return replace(source, frame=plain_frame(frame), notes=notes)


def read_failed(path: str | Path, file: Path, error: Exception) -> InputError:
    """The sentence for a file that its reader cannot read."""
    reason = " ".join(str(error).split())[:200]
    return InputError(f"'{path}' cannot be read as {_kind(file)}: {reason}")


def read_table_files(paths: Sequence[str | Path]) -> list[Source]:
    """Read several tables; all paths that are no files are named at once."""
    if missing := [f"'{path}'" for path in paths if not Path(path).expanduser().is_file()]:
        raise InputError(f"there is no such file: {', '.join(missing)}; looked in {Path.cwd()}")
    return [read_table_file(path) for path in paths]


def _kind(file: Path) -> str:
    suffix = file.suffix.lower()
    return f"a {suffix} file" if suffix in READERS else "text"


def _excel(file: Path) -> Source:
    require("openpyxl", EXTRA, f"reading {file.name}")
    blanks = {"keep_default_na": False, "na_values": [""]}
    with pd.ExcelFile(file) as sheets:
        sheet, *others = sheets.sheet_names
        titles = lines_above(sheets.parse(sheet, header=None, **blanks))
        frame = sheets.parse(sheet, header=titles, **blanks)
    note = f"sheet '{sheet}'"
    if others:
        note += f", the first of {len(others) + 1}"
    return Source(frame, notes=(note, *[left_above(titles)] * bool(titles)))


def _parquet(file: Path) -> Source:
    require("pyarrow", EXTRA, f"reading {file.name}")
    return Source(pd.read_parquet(file))


def _stata(file: Path) -> Source:
    with pd.read_stata(file, iterator=True, order_categoricals=False) as reader:
        return Source(reader.read(), reader.variable_labels())


def _pyreadstat(reader: str) -> Callable[[Path], Source]:
    def read(file: Path) -> Source:
        require("pyreadstat", EXTRA, f"reading {file.name}")
        import pyreadstat

        labels: dict[str, Any] = {"apply_value_formats": True} if reader == "read_sav" else {}
        frame, meta = getattr(pyreadstat, reader)(str(file), **labels)
        meanings = {k: v for k, v in meta.column_names_to_labels.items() if v}
        return Source(frame, meanings)

    return read


def r_frames(file: Path) -> dict[str, pd.DataFrame]:
    """The data frames in a file of R, by name.

    Raises:
        InputError: There is none, or the package that reads them is not installed.
    """
    require("pyreadr", EXTRA, f"reading {file.name}")
    import pyreadr

    objects = pyreadr.read_r(str(file))
    frames = {name: value for name, value in objects.items() if isinstance(value, pd.DataFrame)}
    if not frames:
        raise InputError(f"'{file.name}' holds no data frame of R")
    return frames


def _r(file: Path) -> Source:
    name, frame = max(r_frames(file).items(), key=lambda item: item[1].size)
    return Source(frame, notes=(f"data frame {name}",) if name else ())


READERS: dict[str, Callable[[Path], Source]] = {
    ".xlsx": _excel,
    ".parquet": _parquet,
    ".dta": _stata,
    ".sav": _pyreadstat("read_sav"),
    ".zsav": _pyreadstat("read_sav"),
    ".sas7bdat": _pyreadstat("read_sas7bdat"),
    ".xpt": _pyreadstat("read_xport"),
    ".rds": _r,
    ".rda": _r,
    ".rdata": _r,
}
