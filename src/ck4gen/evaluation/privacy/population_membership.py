"""Who was used, at the share of the population that the cohort is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.drawn_rows import drawn
from ck4gen.evaluation.privacy.intervals import shifted
from ck4gen.evaluation.privacy.nearest_rows import comparable

NAMES = (
    "privacy/membership_f1_gain",
    "privacy/membership_f1",
    "privacy/membership_f1_guess",
    "privacy/membership_precision",
)
NO_POPULATION = "evaluation.privacy.population is not given"
BLOCK = 2_000_000  # comparisons held at once
INFO = (
    MetricInfo(
        NAMES[0],
        "Membership F1",
        "F1 of who looks for near rows, at the population's share, over that of guessing",
        ideal=0,
        null=0.0,
    ),
    MetricInfo(NAMES[1], "F1", "the same F1 itself"),
    MetricInfo(NAMES[2], "F1, guessing", "F1 of who says of everybody that he or she was used"),
    MetricInfo(NAMES[3], "Precision", "share of those said to be used who were"),
)


def population_membership(tables: AuditedTables) -> dict[str, Metric]:
    """F1 of the naive distance attack, relative to guessing (El Emam, Mosquera and Fang 2022).

    The attacker knows a patient's record and says "used" where a synthetic row differs in at most
    h columns. Of the patients who are looked for as many were used as the cohort is of its
    population, t = n / N; with half of them, as is usual, the attack would look better or worse
    than it is. Who says "used" of everybody has the precision t and the F1 2 t / (1 + t). The gain
    is (F1 - guess) / (1 - guess); El Emam et al. call 0.2 acceptable. The best h for the attacker
    is reported, and the interval allows for that choice: labels are drawn anew, h is chosen anew.

    Args:
        tables: The tables under audit, with held-out patients.

    Raises:
        ValueError: The population is not given, or is no larger than the cohort.
    """
    settings, population = tables.settings.privacy, tables.settings.privacy.population
    if population is None:
        raise ValueError(NO_POPULATION)
    if population <= len(tables.real):
        raise ValueError(
            f"the population, {population}, is no larger than the {len(tables.real)} patients used"
        )
    share = len(tables.real) / population
    rows = drawn(tables.synthetic, settings.membership_rows, settings.seed)
    differing = differing_columns(
        tables.patients, rows, tables.real, tables.schema, settings.tolerance
    )
    most = differing.max()
    claimed = differing[:, None] <= np.arange(most + 1)  # (N, h + 1)
    guess = 2 * share / (1 + share)
    sides = claimed[tables.train].mean(0), claimed[~tables.train].mean(0)
    precision, f1 = scores(*sides, share)
    best = int(np.argmax(f1))
    generator = np.random.default_rng([settings.seed, 6])
    labels = (generator.permutation(tables.train) for _ in range(settings.permutations))
    null = [
        scores(claimed[used].mean(0), claimed[~used].mean(0), share)[1].max() - guess
        for used in labels
    ]
    gain = (f1[best] - guess) / (1 - guess)
    metrics = (
        shifted(gain, np.array(null) / (1 - guess), 0.0, tables.settings.confidence),
        number(
            f1[best],
            reason=f"rows that differ in at most {best} columns; the cohort is {share:.2%}",
        ),
        number(guess),
        number(precision[best]),
    )
    return dict(zip(NAMES, metrics, strict=True))


def scores(hits: np.ndarray, false: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Precision and F1 where a share of the patients who are looked for was used.

    Args:
        hits: Share of patients used of whom "used" is said.
        false: Share of others of whom it is said.
        share: Share of patients used among those who are looked for.
    """
    claimed = share * hits + (1 - share) * false
    precision = np.where(claimed > 0, share * hits / np.where(claimed > 0, claimed, 1), 0)
    both = precision + hits
    return precision, np.where(both > 0, 2 * precision * hits / np.where(both > 0, both, 1), 0)


def differing_columns(
    patients: pd.DataFrame,
    synthetic: pd.DataFrame,
    real: pd.DataFrame,
    schema: Schema,
    tolerance: float,
) -> np.ndarray:
    """(N,) in how many columns, outcome included, the most alike synthetic row differs.

    A numeric differs by more than the tolerance, in SDs of the real rows.
    """
    whole = schema.with_outcome(integer=False)
    sides, widths = [], []
    for table in (patients, synthetic):
        columns, widths = zip(*(comparable(c, table, real, tolerance) for c in whole), strict=True)
        sides.append(np.column_stack(columns))
    if any(np.isnan(side).any() for side in sides):
        raise ValueError("missing values")
    step = max(1, BLOCK // sides[1].size)
    blocks = range(0, len(patients), step)
    return np.concatenate(
        [
            (np.abs(sides[0][start : start + step, None] - sides[1]) > np.array(widths) + 1e-9)
            .sum(2)
            .min(1)
            for start in blocks
        ]
    )
