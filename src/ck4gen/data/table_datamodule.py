"""A cohort whose table and schema are known already."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import Schema


class TableDataModule(SurvivalDataModule):
    """A table with its schema, nothing to infer or to check.

    Args:
        table: Covariates of the schema, ``duration`` and ``event``.
        schema: Their columns.
    """

    def __init__(self, table: pd.DataFrame, schema: Schema) -> None:
        super().__init__()
        self.table, self.schema = table, schema

    def load(self) -> pd.DataFrame:
        """The table."""
        return self.table
