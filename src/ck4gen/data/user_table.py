"""A user's own cohort, from a CSV file or a DataFrame."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd

from ck4gen.data.checks import check_names, check_values, infer_column
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.settings import InputError, at_least


class FrameDataModule(SurvivalDataModule):
    """A cohort in memory; its schema is inferred and its values are checked.

    Args:
        frame: One row a patient: covariates, a duration and an event column.
        duration: Name of the duration column (any unit, at least 0).
        event: Name of the event column (1 = event, 0 = censored).
        max_levels: Most levels a text column may have.
        **split: See :class:`SurvivalDataModule`.

    Raises:
        InputError: The table cannot be used; the sentence says what, where and what to do.
    """

    def __init__(
        self, frame: pd.DataFrame, duration: str, event: str, max_levels: int, **split: Any
    ) -> None:
        super().__init__(**split)
        at_least("data.max_levels", max_levels, 2)
        check_names(list(map(str, frame.columns)), duration, event)
        table = frame.rename(columns={duration: DURATION, event: EVENT}).reset_index(drop=True)
        covariates = [name for name in table.columns if name not in (DURATION, EVENT)]
        self.schema = Schema(
            tuple(infer_column(table[name], max_levels) for name in covariates),
            duration_unit="as in the source table",
        )
        check_values(table, self.schema, duration, event)
        table[[DURATION, EVENT]] = table[[DURATION, EVENT]].apply(pd.to_numeric)
        self.table = table

    def load(self) -> pd.DataFrame:
        """The checked table, outcome columns renamed to ``duration`` and ``event``."""
        return self.table


class CSVDataModule(FrameDataModule):
    """A cohort in a CSV file with a header line, complete rows.

    Args:
        path: The file.
        duration: Name of the duration column.
        event: Name of the event column.
        max_levels: Most levels a text column may have.
        **split: See :class:`SurvivalDataModule`.
    """

    def __init__(self, path: str, duration: str, event: str, max_levels: int, **split: Any) -> None:
        super().__init__(read_csv(path), duration, event, max_levels, **split)


def read_csv(path: str) -> pd.DataFrame:
    """Read a CSV file.

    Raises:
        InputError: No such file, not a readable CSV, or a column name that stands twice.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"data.path '{path}' is no file (looked in {file.absolute().parent})")
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            header = next(csv.reader(stream), [])
        frame = pd.read_csv(
            file, encoding="utf-8-sig", skipinitialspace=True, float_precision="round_trip"
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"'{path}' cannot be read as CSV: {error}") from error
    # pandas renames duplicates silently, so the header itself is checked
    names = [name.strip() for name in header]
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise InputError(f"column name '{duplicates[0]}' stands twice in '{path}'; rename one")
    return frame
