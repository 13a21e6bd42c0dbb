"""Singling out: does the table tell of a combination that one patient alone has?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.intervals import wilson
from ck4gen.evaluation.privacy.nearest_rows import comparable

NAMES = (
    "privacy/singling_out",
    "privacy/singling_out_attack",
    "privacy/singling_out_control",
)
TRIES = 20  # drawn combinations for each that is unique in the table, at most
INFO = (
    MetricInfo(
        NAMES[0],
        "Singling out",
        "combinations unique in the table that single out a patient used, over others",
        ideal=0,
        null=0.0,
    ),
    MetricInfo(NAMES[1], "used", "share that singles out a patient used"),
    MetricInfo(NAMES[2], "others", "share that singles out one of as many patients held out"),
)


def singling_out(tables: AuditedTables) -> dict[str, Metric]:
    """The risk of singling out of Giomi et al. 2023 (anonymeter), by our own code.

    A guess is a combination of up to ``guess_columns`` columns that one row of the table alone
    has: the same level, or a numeric from its value on outwards. It is right where exactly one
    patient has it. The same guesses are tried on as many patients held out. The risk is
    (right - control) / (1 - control). The interval counts guesses as independent, as theirs does.

    Args:
        tables: The tables under audit, with held-out patients.

    Raises:
        ValueError: No combination is unique in the table.
    """
    settings = tables.settings.privacy
    columns, (synthetic, used, others) = _numbers(tables)
    generator = np.random.default_rng([settings.seed, 7])
    middle = np.median(synthetic, 0)
    right = np.empty((0, 2))
    for _ in range(TRIES * settings.guesses):
        if len(right) == settings.guesses:
            break
        size = generator.integers(1, min(settings.guess_columns, len(columns)) + 1)
        asked = generator.permutation(len(columns))[:size]
        row = synthetic[generator.integers(len(synthetic))]
        matches = [
            _matching(rows, row, asked, columns, middle) for rows in (synthetic, used, others)
        ]
        if matches[0] == 1:
            fewest = min(len(used), len(others))
            chances = [
                hypergeom.pmf(1, len(rows), found, fewest)
                for rows, found in ((used, matches[1]), (others, matches[2]))
            ]
            right = np.vstack([right, chances])
    if not len(right):
        raise ValueError("no combination is unique in the table")
    attack, control = map(float, right.mean(0))
    found = risk(attack, control, len(right), tables.settings.confidence)
    return dict(zip(NAMES, found, strict=True))


def risk(
    attack: float, control: float, trials: int, confidence: float
) -> tuple[Metric, Metric, Metric]:
    """Risk, success and control of an attack (Giomi et al. 2023); Newcombe's interval of the risk.

    Args:
        attack: Share of right guesses on patients used.
        control: The same on others.
        trials: Guesses.
        confidence: Level.
    """
    (low, high), (under, over) = (wilson(s * trials, trials, confidence) for s in (attack, control))
    left = 1 - control
    if left <= 0:
        nothing = Metric(None, reason="every guess is right on patients held out as well")
        return nothing, number(attack, low, high), number(control, under, over)
    gap = attack - control
    value = number(
        gap / left,
        (gap - np.hypot(attack - low, over - control)) / left,
        (gap + np.hypot(high - attack, control - under)) / left,
    )
    return value, number(attack, low, high), number(control, under, over)


def _numbers(tables: AuditedTables) -> tuple[list[bool], list[np.ndarray]]:
    """Which columns are numerics, and the synthetic, used and other rows as numbers."""
    whole: Schema = tables.schema.with_outcome(integer=False)

    def plain(table: pd.DataFrame) -> np.ndarray:
        return np.column_stack([comparable(c, table, tables.real, 0.0)[0] for c in whole])

    rows = [plain(t) for t in (tables.synthetic, tables.attacked, tables.controls)]
    if any(np.isnan(side).any() for side in rows):
        raise ValueError("missing values")
    return [column.kind == "numeric" for column in whole], rows


def _matching(
    rows: np.ndarray, row: np.ndarray, asked: np.ndarray, numeric: list[bool], middle: np.ndarray
) -> int:
    """How many rows have what the guess says."""
    kept = np.full(len(rows), True)
    for column in asked:
        values, value = rows[:, column], row[column]
        if not numeric[column]:
            kept &= np.abs(values - value) < 0.25
        elif value > middle[column]:
            kept &= values >= value
        else:
            kept &= values <= value
    return int(kept.sum())
