"""Rare combinations of categories that the synthetic table repeats."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo

SMALL_CELLS = ("privacy/small_cells",)
INFO = (
    MetricInfo(
        "privacy/small_cells",
        "Small cells",
        "rare combinations of categories that the table repeats",
        digits=0,
    ),
)


def small_cells(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, fewest: int
) -> tuple[pd.DataFrame, int]:
    """Combinations of all categories and binaries that fewer than ``fewest`` real patients hold.

    Returns:
        Those that the synthetic table repeats, one a row, with the number of ``real`` and of
        ``synthetic`` patients, rarest first; and how many such combinations there are in all.

    Raises:
        ValueError: There is no categorical or binary covariate.
    """
    discrete = schema.of_kind("binary", "categorical")
    if not discrete:
        raise ValueError("no binary or categorical covariate")
    texts = schema.of_kind("categorical")
    kinds = {name: str if name in texts else float for name in discrete}
    counts = [t[discrete].astype(kinds).value_counts() for t in (real, synthetic)]
    rare = counts[0][counts[0] < fewest]
    repeated = counts[1].reindex(rare.index).dropna().astype(int)
    both = pd.DataFrame({"real": rare[repeated.index], "synthetic": repeated})
    listed = both.sort_values(["real", "synthetic"], kind="stable").reset_index()
    return listed.astype({name: int for name in discrete if name not in texts}), len(rare)


def small_cell_count(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, fewest: int
) -> dict[str, Metric]:
    """How many of them; a count of this very table, so it has no interval."""
    repeated, rare = small_cells(real, synthetic, schema, fewest)
    caveat = f"of {rare} combinations that fewer than {fewest} real patients hold"
    return {SMALL_CELLS[0]: number(len(repeated), reason=caveat)}
