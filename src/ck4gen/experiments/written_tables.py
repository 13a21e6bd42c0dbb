"""Tables and codebook of a run as files: as the user knows them, beside it as they are coded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.table_files import write_table
from ck4gen.data.understanding import presented_codebook
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments import store


def write_tables(
    folder: Path, data: SurvivalDataModule, tables: Iterable[pd.DataFrame], codebook: str
) -> None:
    """Write the synthetic tables of a run and what their columns mean.

    Those of a user's own cohort have her names and spellings, and blanks where values are missing.
    Files that begin with ``coded-`` keep them as this package codes them (imputed values beside
    indicators of blanks), so that evaluations and figures read what was drawn.

    Args:
        folder: The run's.
        data: The cohort.
        tables: (m, p + 2) synthetic rows each, written as they are made.
        codebook: YAML text with the names within.
    """
    prefix = store.CODED if isinstance(data, FrameDataModule) else ""
    for number, table in enumerate(tables):
        name = store.table_file(number)
        write_table(table, folder / f"{prefix}{name}")
        if isinstance(data, FrameDataModule):
            write_table(data.plan.presented(table), folder / name)
    (folder / f"{prefix}{store.SCHEMA}").write_text(codebook, encoding="utf-8")
    if isinstance(data, FrameDataModule):
        told = presented_codebook(data.plan, codebook)
        (folder / store.SCHEMA).write_text(told, encoding="utf-8")
