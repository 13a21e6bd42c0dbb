"""Synthetic tables as files: floats keep their shortest exact form, texts stay texts."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pandas as pd

from ck4gen.data.schema import Schema


def write_table(table: pd.DataFrame, file: Path | StringIO) -> None:
    """Write a synthetic table as CSV."""
    table.to_csv(file, index=False, lineterminator="\n")


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
