"""Effects of a numeric that are no straight line, in Cox models that are linear in the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from formulaic.transforms.cubic_spline import natural_cubic_spline

from ck4gen.evaluation.groups import THIRDS
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable, inner_quantiles
from ck4gen.evaluation.reanalysis.estimates import CoxModel, of_cox_models

Terms = Callable[[pd.Series, pd.Series], pd.DataFrame]  # of a table and of the real one -> terms


def quadratic(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratio of the square of each numeric, added to the main model.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """

    def square(values: pd.Series, _: pd.Series) -> pd.DataFrame:
        return pd.DataFrame({"square": values**2})

    return of_cox_models(_models(table, square, add=True))


def tails(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of the lowest and of the highest real values of each numeric, beside it.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """
    share = table.settings.tail

    def ends(values: pd.Series, real: pd.Series) -> pd.DataFrame:
        low, high = real.quantile(share), real.quantile(1 - share)
        return pd.DataFrame({"low end": values <= low, "high end": values >= high}).astype(float)

    return of_cox_models(_models(table, ends, add=True))


def thirds(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of the upper thirds of each numeric against the lowest, instead of it.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """

    def above(values: pd.Series, real: pd.Series) -> pd.DataFrame:
        low, high = real.quantile(THIRDS[0]), real.quantile(THIRDS[1])
        middle = (low < values) & (values <= high)
        return pd.DataFrame({"middle": middle, "highest": values > high}).astype(float)

    return of_cox_models(_models(table, above, add=False))


def splines(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of a natural cubic spline of each numeric, instead of it.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """
    return of_cox_models(spline_models(table))


def spline_models(table: AnalysedTable) -> Iterator[CoxModel]:
    """The models behind :func:`splines`, of formulaic's basis.

    Knots are quantiles of the real values; beyond these the spline is a straight line.

    Raises:
        ValueError: No column is numeric.
    """
    inner = inner_quantiles(table.settings.spline_df - 1)

    def basis(values: pd.Series, real: pd.Series) -> pd.DataFrame:
        knots = np.unique(real.quantile(inner))  # formulaic's own are those of the unique values
        knots = knots[(knots > real.min()) & (knots < real.max())]
        state: dict = {}  # the first call puts the ends and the constraint into it
        keys = {"knots": knots, "constraints": "center", "_state": state}
        natural_cubic_spline(real.to_numpy(), **keys)
        columns = natural_cubic_spline(values.to_numpy(), extrapolation="extend", **keys)
        return pd.DataFrame({f"spline {key}": column for key, column in columns.items()})

    return _models(table, basis, add=False)


def _models(table: AnalysedTable, terms: Terms, add: bool) -> Iterator[CoxModel]:
    """Models with further terms of each numeric in turn, beside it or instead of it."""
    real = table.real_data.design
    for name in table.numerics:
        design = table.data.design
        try:
            further = terms(design[name], real[name])
        except (ValueError, np.linalg.LinAlgError):
            continue  # too few different values for that many knots
        rest = design if add else design.drop(columns=name)
        further = further.set_axis(design.index)
        yield name, table.data.with_design(rest.join(further)), list(further)
