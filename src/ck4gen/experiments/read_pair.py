"""The tables of an audit as a user names them: frames or files, in any coding."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ck4gen.config import defaults
from ck4gen.data.reading import Source, plain_frame, read_table_file
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import LEFT_OUT, FrameDataModule
from ck4gen.evaluation.table_pair import HOLDOUT, SYNTHETIC, TablePair, further
from ck4gen.settings import InputError

SCRIPT = "audit_tables"  # its file of conf
REAL = "real"


def read_pair(
    real: Any,
    synthetic: Any,
    holdout: Any = None,
    *,
    duration: str = DURATION,
    event: str = EVENT,
    entry: str | None = None,
    strata: str | Collection[str] = (),
    entry_date: str | None = None,
    event_of_interest: str | None = None,
    drop: str | Collection[str] = (),
    schema: str | None = None,
) -> TablePair:
    """Read the real table, and the others as the real one is read.

    Args:
        real: Rows that the synthetic table was made from: a frame of any library, or a path.
        synthetic: Synthetic rows, likewise; a list or tuple of all tables that leave together.
        holdout: Real rows that no part of the generator has seen, or None.
        duration: Name of the duration column of all tables.
        event: Name of the event column.
        entry: Name of the column of times at which patients came under observation late.
        strata: Columns by which Cox models are stratified.
        entry_date: Name of the column of entry dates, where ``duration`` names a date.
        event_of_interest: Value of the event column that is the event.
        drop: Columns to leave out of whichever tables have them.
        schema: A schema file: how columns are read; None: by rule, from the real table.

    Raises:
        InputError: A table cannot be used; every reason is named.
    """
    tables = {REAL: real} | synthetic_roles(synthetic)
    if holdout is not None:
        tables[HOLDOUT] = holdout
    sources = _sources(tables, [drop] if isinstance(drop, str) else drop)
    keys = defaults(script=SCRIPT)["data"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        first = sources.pop(REAL)
        data = FrameDataModule(
            first,
            duration,
            event,
            keys["max_levels"],
            entry=entry,
            strata=strata,
            entry_date=entry_date,
            event_of_interest=event_of_interest,
            schema=schema,
            missing="keep",
            understanding=keys["understanding"],
        )
        pair = TablePair.of(data, first, sources)
    messages = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    notes = [note for note in messages if not note.startswith(LEFT_OUT)]
    return replace(pair, notes=(*pair.notes, *notes))


def synthetic_roles(synthetic: Any) -> dict[str, Any]:
    """The synthetic table, or each of several, by its role.

    Raises:
        InputError: An empty list is given.
    """
    tables: Sequence[Any] = synthetic if isinstance(synthetic, list | tuple) else [synthetic]
    if not tables:
        raise InputError("there is no synthetic table; give at least one")
    return {further(number) if number else SYNTHETIC: t for number, t in enumerate(tables)}


def _sources(tables: Mapping[str, Any], drop: Collection[str]) -> dict[str, Source]:
    """The tables as they are read; paths that are no files are named all at once."""
    paths = {role: t for role, t in tables.items() if isinstance(t, str | Path)}
    wrong = [f"{role} table '{p}'" for role, p in paths.items() if not _is_file(p)]
    if wrong:
        raise InputError(f"there is no such file: {', '.join(wrong)}; looked in {Path.cwd()}")
    sources = {
        role: read_table_file(table) if role in paths else Source(plain_frame(table))
        for role, table in tables.items()
    }
    everywhere = {str(name) for source in sources.values() for name in source.frame}
    if unknown := [name for name in drop if name not in everywhere]:
        raise InputError(f"no table has the column to drop {', '.join(map(repr, unknown))}")
    return {
        role: replace(source, frame=source.frame.drop(columns=list(drop), errors="ignore"))
        for role, source in sources.items()
    }


def _is_file(path: str | Path) -> bool:
    return Path(path).expanduser().is_file()
