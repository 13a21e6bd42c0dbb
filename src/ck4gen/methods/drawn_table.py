"""Whether the table that a method has drawn is one of its cohort: columns, rows and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set

import numpy as np
import pandas as pd

from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT, Column, Schema
from ck4gen.settings import InputError


def check_drawn(table: object, schema: Schema, rows: int | None, method: str) -> None:
    """Refuse what is no table of this schema; all faults are named at once.

    Args:
        table: What ``_sample`` returned.
        schema: What its columns are.
        rows: Rows that it is to have; None for any number.
        method: Name of the method's class, for messages.

    Raises:
        InputError: It is no DataFrame, or has other columns, rows or values.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            f"{method}._sample returned an object of type {type(table).__name__}; it must return "
            f"a pandas.DataFrame with the columns {', '.join(schema.table_names)}"
        )
    counts = Counter(table)
    single = {name for name, count in counts.items() if count == 1}
    faults = [*_of_shape(table, counts, schema, rows), *_of_covariates(table, single, schema)]
    faults += _of_outcomes(table, single, schema)
    if faults:
        raise InputError(
            f"{method}._sample returned a table that cannot be used: {'; '.join(faults)}; mend "
            f"_sample of {method}"
        )


def _of_shape(
    table: pd.DataFrame, counts: Counter, schema: Schema, rows: int | None
) -> Iterator[str]:
    names = dict.fromkeys(schema.table_names)
    if missing := [name for name in names if name not in counts]:
        yield f"it lacks {_quoted(missing)}"
    if other := [name for name in table if name not in names]:
        yield f"it has {_quoted(other)}, which the cohort has not"
    if twice := [name for name, count in counts.items() if count > 1]:
        yield f"it has {_quoted(twice)} twice"
    if rows is not None and len(table) != rows:
        yield f"it has {len(table)} rows and not {rows}"


def _of_covariates(table: pd.DataFrame, single: Set, schema: Schema) -> Iterator[str]:
    for column in schema:
        if column.name not in single:
            continue
        values = table[column.name]
        blank = values.isna().to_numpy()
        if not column.missing:
            yield from _fault(column.name, "is blank", blank)
        if column.kind == "categorical":
            yield from _fault(column.name, "is none of its levels", _other_levels(values, column))
            continue
        numbers = _numbers(values)
        finite = np.isfinite(numbers)
        yield from _fault(column.name, "is no finite number", ~blank & ~finite)
        if column.kind == "binary":
            yield from _fault(column.name, "is neither 0 nor 1", finite & ~np.isin(numbers, (0, 1)))


def _of_outcomes(table: pd.DataFrame, single: Set, schema: Schema) -> Iterator[str]:
    numbers = {name: _numbers(table[name]) for name in schema.outcome_names if name in single}
    codes = {EVENT: (0, 1), CAUSE: (0, 1, *schema.competing)}
    for name, values in numbers.items():
        finite = np.isfinite(values)
        yield from _fault(name, "is no finite number", ~finite)
        if name == DURATION:
            yield from _fault(name, "is below 0", finite & (values < 0))
        if name in codes:
            options = ", ".join(map(str, codes[name]))
            yield from _fault(name, f"is none of {options}", finite & ~np.isin(values, codes[name]))
    if {DURATION, ENTRY} <= numbers.keys():
        late = numbers[ENTRY] >= numbers[DURATION]
        yield from _fault(ENTRY, f"is not below '{DURATION}'", late)


def _numbers(values: pd.Series) -> np.ndarray:
    """(n,) numbers; NaN for a blank, a text, and a span of time."""
    if not pd.api.types.is_numeric_dtype(values):
        values = pd.to_numeric(values.astype(object), errors="coerce")
    return values.to_numpy(float, na_value=np.nan)


def _other_levels(values: pd.Series, column: Column) -> np.ndarray:
    """(n,) whether a value is neither blank nor a level of its column."""
    other = [level for level in values.dropna().unique() if str(level) not in column.levels]
    return values.isin(other).to_numpy()


def _fault(name: str, fault: str, faulty: np.ndarray) -> Iterator[str]:
    if count := int(faulty.sum()):
        yield f"'{name}' {fault} in {count} row{'s' * (count > 1)}"


def _quoted(names: list) -> str:
    return ", ".join(f"'{name}'" for name in names)
