"""Finds the rules between covariates and the duration."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ck4gen.data.duration_rule import EXACT, BesideDuration
from ck4gen.data.precision import decimals
from ck4gen.data.rules import Following, Rule
from ck4gen.data.schema import DURATION, Column, Schema

SUPPORT = 5  # rows in which chance would break such a rule, as of an ordering of two covariates


def duration_rules(
    table: pd.DataFrame, schema: Schema, rules: tuple[Rule, ...], called: str, support: int
) -> Iterator[BesideDuration]:
    """The rules between numeric covariates and the duration.

    Args:
        table: (n, >= p + 1) training rows; blanks take no part.
        schema: Their columns.
        rules: Rules between covariates; a column that follows from others has no rule of its own.
        called: What people call the duration.
        support: Rows in which chance would break a rule.
    """
    following = {rule.target for rule in rules if isinstance(rule, Following)}
    times = table[DURATION].to_numpy(float)
    for column in schema:
        if column.kind != "numeric" or column.values or column.name in following:
            continue
        values = table[column.name].to_numpy(float, na_value=np.nan)
        observed = ~np.isnan(values)
        if observed.any():
            yield from _rules(column, values[observed], times[observed], called, support)


def _rules(
    column: Column, values: np.ndarray, times: np.ndarray, called: str, support: int
) -> Iterator[BesideDuration]:
    step = float(column.step or 10.0 ** -decimals(values))
    for below in (True, False):
        low, high = (values, times) if below else (times, values)
        if (low > high).any():
            continue
        chance = np.searchsorted(np.sort(high), low).mean()  # rows, were they unrelated
        if chance >= support:
            gap = step if (low + step <= high + EXACT).all() else 0.0
            yield BesideDuration(column.name, DURATION, called, below, gap, step)
