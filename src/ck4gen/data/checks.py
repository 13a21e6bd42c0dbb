"""Checks on a user's table, each failure one sentence, before anything is fitted."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.settings import InputError

EVENTS_PER_COVARIATE = 10  # Peduzzi et al. 1995: below it Cox estimates become unreliable


def check_names(names: list[str], duration: str, event: str) -> None:
    """Raise an InputError on duplicate, missing or reserved column names."""
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise InputError(f"column name '{duplicates[0]}' stands twice; rename one of them")
    for role, name in (("duration", duration), ("event", event)):
        if name not in names:
            raise InputError(
                f"there is no {role} column '{name}'; the columns are {', '.join(names)}"
            )
    reserved = {DURATION, EVENT} & (set(names) - {duration, event})
    if reserved:
        name = reserved.pop()
        raise InputError(
            f"covariate '{name}' has the name that the synthetic table gives the outcome; rename it"
        )
    if len(names) < 3:
        raise InputError("there is no covariate beside the duration and event columns")


def infer_column(values: pd.Series, max_levels: int) -> Column:
    """Kind, levels and integrality of one covariate.

    Numbers are numeric, unless all are 0 or 1: then binary, as booleans are. Strings are
    categories, levels sorted (an ordered pandas category keeps its order).

    Raises:
        InputError: The column is all missing, constant, or of a type that cannot be used.
    """
    name = str(values.name)
    observed = values.dropna().infer_objects()
    if observed.empty:
        raise InputError(f"column '{name}' is all missing; drop it")
    if observed.nunique() == 1:
        raise InputError(f"column '{name}' is constant ({observed.iloc[0]} in every row); drop it")
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = observed.cat.remove_unused_categories().cat.categories
        return Column(name, "categorical", levels=tuple(map(str, levels)))
    if observed.map(lambda value: isinstance(value, str)).all():
        levels = sorted(observed.unique())
        if len(levels) > max_levels:
            raise InputError(
                f"column '{name}' has {len(levels)} different texts, more than data.max_levels = "
                f"{max_levels}; drop it if it is an identifier, else merge its levels"
            )
        return Column(name, "categorical", levels=tuple(levels))
    if pd.api.types.is_bool_dtype(observed):
        return Column(name, "binary")
    if not pd.api.types.is_numeric_dtype(observed):
        raise InputError(
            f"column '{name}' has a type that cannot be used ({values.dtype}); make it numbers, "
            "0/1 or texts, or drop it"
        )
    if set(observed.unique()) == {0, 1}:
        return Column(name, "binary")
    finite = observed[np.isfinite(observed.astype(float))]
    return Column(name, "numeric", integer=bool((finite == finite.round()).all()))


def check_values(table: pd.DataFrame, schema: Schema, duration: str, event: str) -> None:
    """Raise an InputError that names the first column, rule and row that fail.

    Args:
        table: Covariates of the schema, ``duration`` and ``event``, under the user's names.
        schema: Inferred schema.
        duration: The user's name of the duration, for the message.
        event: The user's name of the event.
    """
    present = pa.Check(
        lambda v: v.notna(), ignore_na=False, error="is missing; drop or impute such rows"
    )
    finite = pa.Check(lambda v: np.isfinite(v.astype(float)), error="is infinite; correct it")
    numbers = schema.of_kind("numeric", "binary")
    rules = {
        name: pa.Column(checks=[present, finite] if name in numbers else [present], nullable=True)
        for name in schema.names
    }
    rules[DURATION] = pa.Column(
        checks=[
            pa.Check(
                lambda v: pd.to_numeric(v, errors="coerce").notna(),
                ignore_na=False,
                error="is missing or no number; a duration must be a number of at least 0",
            ),
            pa.Check(
                lambda v: ~(pd.to_numeric(v, errors="coerce") < 0),
                error="is negative; a duration must be a number of at least 0",
            ),
            pa.Check(
                lambda v: ~np.isinf(pd.to_numeric(v, errors="coerce")),
                error="is infinite; correct it",
            ),
        ],
        nullable=True,
    )
    rules[EVENT] = pa.Column(
        checks=pa.Check(
            lambda v: pd.to_numeric(v, errors="coerce").isin([0, 1]),
            ignore_na=False,
            error="is not 0 or 1; an event column holds 1 for an event and 0 for a censored row",
        ),
        nullable=True,
    )
    try:
        pa.DataFrameSchema(rules).validate(table, lazy=True)
    except SchemaErrors as errors:
        raise InputError(
            _sentence(errors.failure_cases, {DURATION: duration, EVENT: event})
        ) from None
    if not pd.to_numeric(table[EVENT]).any():
        raise InputError(f"column '{event}' has no events: every row is censored")


def _sentence(failures: pd.DataFrame, names: dict[str, str]) -> str:
    first = failures.iloc[0]
    same = failures[(failures["column"] == first["column"]) & (failures["check"] == first["check"])]
    name = names.get(first["column"], first["column"])
    rows = f"{len(same)} row" + ("s" if len(same) > 1 else "")
    return (
        f"column '{name}', row {int(first['index']) + 1} ({rows} in all): "
        f"{first['failure_case']} {first['check']}"
    )


def warn_few_events(train: pd.DataFrame, schema: Schema) -> None:
    """Warn when there are fewer than ten events per term of the Cox design."""
    events, terms = int(train[EVENT].sum()), len(schema.design_names)
    if events < EVENTS_PER_COVARIATE * terms:
        warnings.warn(
            f"{events / terms:.1f} events per covariate ({events} events, {terms} terms): with "
            f"fewer than {EVENTS_PER_COVARIATE} the hazard ratios themselves are uncertain",
            stacklevel=2,
        )
