"""Synthetic tables as files: floats keep their shortest exact form, texts stay texts."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.settings import InputError, require

PARQUET = ".parquet"


def write_table(table: pd.DataFrame, file: Path | StringIO) -> None:
    """Write a synthetic table as CSV."""
    table.to_csv(file, index=False, lineterminator="\n")


def writer_for(name: str, file: Path) -> Callable[[pd.DataFrame, Path], None]:
    """What writes a table in the format that a file name ends in.

    Args:
        name: The file as the user names it.
        file: The file.

    Raises:
        InputError: It ends in no format that is known, or the package for it is not installed.
    """
    if (ending := file.suffix.lower()) not in WRITERS:
        raise InputError(f"{name} ends in no format of tables; name a {' or '.join(WRITERS)} file")
    if ending == PARQUET:
        require("pyarrow", "files", f"a {PARQUET} file")
    return WRITERS[ending]


def _write_parquet(table: pd.DataFrame, file: Path) -> None:
    mixed = table.select_dtypes(object)  # a column of Parquet has one type, as <5 beside 7 has not
    texts = {name: mixed[name].map(str, na_action="ignore") for name in mixed}
    table.assign(**texts).to_parquet(file, index=False)


WRITERS: dict[str, Callable] = {".csv": write_table, PARQUET: _write_parquet}


def read_table(file: Path | StringIO, schema: Schema) -> pd.DataFrame:
    """Read a synthetic table back as it was, floats to their last bit."""
    texts = dict.fromkeys(schema.of_kind("categorical"), str)
    return pd.read_csv(file, dtype=texts, keep_default_na=False, float_precision="round_trip")


def as_written(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """The table as a reader of its file finds it."""
    text = StringIO()
    write_table(table, text)
    text.seek(0)
    return read_table(text, schema)
