"""Tables and codebook of a run as files: as the user knows them, beside it as they are coded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.table_files import write_table
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
    shown = data.presentation
    prefix = "" if shown is None else store.CODED
    for number, table in enumerate(tables):
        name = store.table_file(number)
        write_table(table, folder / f"{prefix}{name}")
        if shown is not None:
            write_table(shown.table(table), folder / name)
    (folder / f"{prefix}{store.SCHEMA}").write_text(codebook, encoding="utf-8")
    if shown is not None:
        (folder / store.SCHEMA).write_text(shown.codebook(codebook), encoding="utf-8")
