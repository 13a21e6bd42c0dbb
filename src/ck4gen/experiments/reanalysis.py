"""A table's re-analyses beside those of a bootstrap and of a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.data.table_datamodule import TableDataModule
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.lines import LINES
from ck4gen.evaluation.reanalysis.reanalysis import analyse, compare
from ck4gen.methods.cart import CART
from ck4gen.settings import InputError

SIDES = ("table", "bootstrap", "cart")
Errors = list[dict[str, Metric]]  # of each table of a side, by line


def beside(
    real: pd.DataFrame,
    synthetic: Sequence[pd.DataFrame],
    schema: Schema,
    settings: EvaluationSettings,
) -> pd.DataFrame:
    """The error of every line for a table, for bootstraps of the real one and for CART.

    Args:
        real: (n, p + 2) real rows.
        synthetic: One or several tables of a generator, (m, p + 2) rows each.
        schema: Columns of all.
        settings: One leaf of ``conf/evaluation``.

    Returns:
        See :func:`means`.
    """
    return means(errors(real, synthetic, schema, settings))


def errors(
    real: pd.DataFrame,
    synthetic: Sequence[pd.DataFrame],
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Errors]:
    """The error of every line for each table of each side, as :func:`beside` takes them."""
    of_real = analyse(AnalysedTable(real, real, schema, settings))

    def of(tables: Iterable[pd.DataFrame]) -> Errors:
        return [
            compare(of_real, analyse(AnalysedTable(table, real, schema, settings)))
            for table in tables
        ]

    try:
        of_cart = of(_cart(real, schema, settings))
    except InputError as error:  # as of causes that compete
        of_cart = [compare(of_real, dict.fromkeys(of_real, str(error)))]
    sides = of(synthetic), of(_bootstraps(real, settings)), of_cart
    return dict(zip(SIDES, sides, strict=True))


def means(sides: dict[str, Errors]) -> pd.DataFrame:
    """One row per line.

    Returns:
        A frame with ``line``, ``label``, ``table``, ``bootstrap`` and ``cart`` (means over their
        tables), ``ideal``, and ``reason``: why a number is missing, or a caveat.
    """
    rows = []
    for line in LINES:
        mean_by_side = {
            side: _mean([one[line.name] for one in tables]) for side, tables in sides.items()
        }
        rows.append(
            {
                "line": line.name,
                "label": line.label,
                **{side: one.value for side, one in mean_by_side.items()},
                "ideal": line.ideal,
                "reason": _reason({side: one.reason for side, one in mean_by_side.items()}),
            }
        )
    return pd.DataFrame(rows).astype(dict.fromkeys(SIDES, float))


def _bootstraps(real: pd.DataFrame, settings: EvaluationSettings) -> Iterator[pd.DataFrame]:
    generator = np.random.default_rng(settings.reanalysis.seed)
    for _ in range(settings.reanalysis.bootstraps):
        rows = generator.integers(0, len(real), len(real))
        yield real.iloc[rows].reset_index(drop=True)


def _cart(
    real: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> Iterator[pd.DataFrame]:
    """Tables of CART, a fit each."""
    first = settings.reanalysis.seed
    for seed in range(first, first + settings.reanalysis.cart_draws):
        method = CART(outcomes="generated").fit(TableDataModule(real, schema), seed=seed)
        yield method.sample(seed=seed)


def _mean(tables: list[Metric]) -> Metric:
    """The mean over the tables that have a value."""
    values = [table.value for table in tables if table.value is not None]
    if not values:
        return tables[0]
    reasons = sorted({table.reason for table in tables if table.reason})
    if lost := len(tables) - len(values):
        reasons.append(f"{lost} of {len(tables)} tables have no value")
    return Metric(float(np.mean(values)), reason="; ".join(reasons) or None)


def _reason(reasons: dict[str, str | None]) -> str:
    """What the sides say, once where they say the same."""
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values())) or ""
    return ". ".join(f"{side}: {reason}" for side, reason in reasons.items() if reason)
