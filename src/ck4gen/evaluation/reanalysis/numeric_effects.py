"""Effects of a numeric that are no straight line, in Cox models that are linear in the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from formulaic.transforms.cubic_spline import natural_cubic_spline

from ck4gen.evaluation.groups import THIRDS
from ck4gen.evaluation.reanalysis.analysed_table import AnalysedTable
from ck4gen.evaluation.reanalysis.estimates import CoxModel, of_cox_models

Terms = Callable[[pd.Series, pd.Series], pd.DataFrame]  # of a table and of the real one -> terms


def quadratic(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratio of the square of each numeric, added to the main model.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """
    return _with_terms(table, lambda values, _: pd.DataFrame({"square": values**2}), add=True)


def tails(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of the lowest and of the highest real values of each numeric, beside it.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """
    share = table.settings.tail

    def ends(values: pd.Series, real: pd.Series) -> pd.DataFrame:
        low, high = real.quantile(share), real.quantile(1 - share)
        return pd.DataFrame({"low end": values <= low, "high end": values >= high}).astype(float)

    return _with_terms(table, ends, add=True)


def thirds(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of the upper thirds of each numeric against the lowest, instead of it.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """

    def above(values: pd.Series, real: pd.Series) -> pd.DataFrame:
        low, high = real.quantile(THIRDS[0]), real.quantile(THIRDS[1])
        middle = (low < values) & (values <= high)
        return pd.DataFrame({"middle": middle, "highest": values > high}).astype(float)

    return _with_terms(table, above, add=False)


def splines(table: AnalysedTable) -> pd.DataFrame:
    """Log hazard ratios of a natural cubic spline of each numeric, instead of it (formulaic).

    Knots are quantiles of the real values; beyond these the spline is a straight line.

    Raises:
        ValueError: No column is numeric, or no model has an estimate.
    """
    degrees = table.settings.spline_df

    def basis(values: pd.Series, real: pd.Series) -> pd.DataFrame:
        state: dict = {}  # the first call puts the knots into it
        keys = {"df": degrees, "constraints": "center", "_state": state}
        natural_cubic_spline(real.to_numpy(), **keys)
        found = natural_cubic_spline(values.to_numpy(), extrapolation="extend", **keys)
        return pd.DataFrame({f"spline {key}": column for key, column in found.items()})

    return _with_terms(table, basis, add=False)


def _with_terms(table: AnalysedTable, terms: Terms, add: bool) -> pd.DataFrame:
    """Log hazard ratios of further terms of each numeric in turn."""
    names, real = table.numerics, table.real_data.design

    def models() -> Iterator[CoxModel]:
        for name in names:
            design = table.data.design
            try:
                further = terms(design[name], real[name])
            except (ValueError, np.linalg.LinAlgError):
                continue  # too few different values for that many knots
            rest = design if add else design.drop(columns=name)
            further = further.set_axis(design.index)
            yield name, table.data.with_design(rest.join(further)), list(further)

    return of_cox_models(models())
