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
    (right - control) / (1 - control). Many guesses single out the same patient, so they are not
    independent, as theirs are taken to be: see :func:`effective_guesses`.

    Args:
        tables: The tables under audit, with held-out patients.

    Raises:
        ValueError: No combination is unique in the table.
    """
    settings = tables.settings.privacy
    columns, (synthetic, used, others) = _numbers(tables)
    generator = np.random.default_rng([settings.seed, 7])
    middle = np.median(synthetic, 0)
    hits: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(TRIES * settings.guesses):
        if len(hits) == settings.guesses:
            break
        size = generator.integers(1, min(settings.guess_columns, len(columns)) + 1)
        guessed = generator.permutation(len(columns))[:size]
        row = synthetic[generator.integers(len(synthetic))]
        if _matching(synthetic, row, guessed, columns, middle).sum() == 1:
            one, other = (_matching(rows, row, guessed, columns, middle) for rows in (used, others))
            hits.append((one, other))
    if not hits:
        raise ValueError("no combination is unique in the table")
    sides = [np.array(side) for side in zip(*hits, strict=True)]
    fewest = min(len(used), len(others))
    attack, control = (float(chances(side, fewest).mean()) for side in sides)
    trials = [effective_guesses(side, fewest) for side in sides]
    metrics = risk(attack, control, (trials[0], trials[1]), tables.settings.confidence)
    return dict(zip(NAMES, metrics, strict=True))


def chances(hits: np.ndarray, fewest: int) -> np.ndarray:
    """(guesses,) chance that exactly one of ``fewest`` of the patients has what a guess says.

    Args:
        hits: (guesses, patients) whether a patient has it.
        fewest: Patients of the smaller side.
    """
    return np.asarray(hypergeom.pmf(1, hits.shape[1], hits.sum(1), fewest))


def effective_guesses(hits: np.ndarray, fewest: int) -> float:
    """As many independent guesses would be as uncertain as these are (design effect, Kish 1965).

    The variance of their success has two parts: that of which patients there are, by leaving out
    one at a time (a jackknife, which errs towards too much: Efron and Stein 1981), and that of
    which guesses were drawn.

    Args:
        hits: (guesses, patients) whether a patient has what a guess says.
        fewest: Patients of the smaller side.

    Returns:
        At most the number of guesses.
    """
    guesses, patients = hits.shape
    right = chances(hits, fewest)
    share = float(right.mean())
    independent = share * (1 - share) / guesses
    if patients < 2 or independent <= 0:
        return float(guesses)
    drawn, count = min(fewest, patients - 1), hits.sum(1)
    without = hypergeom.pmf(1, patients - 1, count, drawn)  # a patient who does not have it
    with_one = hypergeom.pmf(1, patients - 1, np.maximum(count - 1, 0), drawn)
    left_out = without.mean() + hits.T @ (with_one - without) / guesses
    of_patients = (patients - 1) * np.var(left_out)
    of_guesses = np.var(right) / guesses
    return float(guesses * min(1.0, independent / (of_patients + of_guesses)))


def risk(
    attack: float, control: float, trials: tuple[float, float], confidence: float
) -> tuple[Metric, Metric, Metric]:
    """Risk, success and control of an attack (Giomi et al. 2023); Newcombe's interval of the risk.

    Args:
        attack: Share of right guesses on patients used.
        control: The same on others.
        trials: Guesses on either side, as many as are worth independent ones.
        confidence: Level.
    """
    (low, high), (under, over) = (
        wilson(share * tried, tried, confidence)
        for share, tried in zip((attack, control), trials, strict=True)
    )
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
        columns = [comparable(c, table, tables.real, 0.0)[0] for c in whole]
        return np.asfortranarray(np.column_stack(columns))  # read column by column

    rows = [plain(t) for t in (tables.synthetic, tables.attacked, tables.controls)]
    if any(np.isnan(side).any() for side in rows):
        raise ValueError("missing values")
    return [column.kind == "numeric" for column in whole], rows


def _matching(
    rows: np.ndarray, row: np.ndarray, guessed: np.ndarray, numeric: list[bool], middle: np.ndarray
) -> np.ndarray:
    """(rows,) which rows have what the guess says."""
    kept = np.full(len(rows), True)
    for column in guessed:
        values, value = rows[:, column], row[column]
        if not numeric[column]:
            kept &= np.abs(values - value) < 0.25
        elif value > middle[column]:
            kept &= values >= value
        else:
            kept &= values <= value
    return kept
