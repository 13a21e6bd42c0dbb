"""The public description that goes with a cohort, and whether it fits."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ck4gen.data.benchmark import Benchmark
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.public_table import PublicTable
from ck4gen.data.public_table_file import read_public_table
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import FrameDataModule
from ck4gen.settings import InputError


def public_description(data: SurvivalDataModule, file: Path | None) -> PublicTable:
    """What is publicly known of a cohort's table.

    Args:
        data: The cohort.
        file: A YAML file that says it; None for the one that a packaged benchmark ships.

    Raises:
        InputError: There is none, the description has faults, or the table is another one, or was
            read by rule: then a patient decides how others are read.
    """
    if isinstance(data, FrameDataModule) and data.public is not None:
        return data.public
    path = file
    if path is None and isinstance(data, Benchmark) and data.public_file.is_file():
        path = data.public_file
    if path is None:
        raise InputError(
            "a formal guarantee needs what is publicly known of the table, and it can't be "
            "read off the table itself: give a file with method.public=FILE that holds the "
            "levels of each category, low, high and decimals of each number, and the horizon"
        )
    if isinstance(data, FrameDataModule):
        raise InputError(
            "this table was read by rule, so that a patient may decide how others are read, and no "
            "guarantee can hold; fit the data frame itself, or give the data module "
            "public=FILE, the file of method.public"
        )
    public = read_public_table(path)
    _check(data.observed, public)
    return public


def _check(rows: pd.DataFrame, public: PublicTable) -> None:
    """Raise an InputError unless the table has the public columns and an outcome of 0 and 1."""
    names = [column.name for column in public]
    faults = [f"the table has no column '{name}'" for name in names if name not in rows]
    for name in set(rows.columns) - {*names, DURATION, EVENT}:
        faults.append(f"column '{name}' is not described; describe it, or drop it from the table")
    if not pd.to_numeric(rows[EVENT], errors="coerce").isin((0, 1)).all():
        faults.append("events must be 0 or 1")
    if faults:
        raise InputError(
            f"the public description does not fit the table: {'; '.join(sorted(faults))}"
        )
