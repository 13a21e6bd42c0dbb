"""Hazard ratios with their intervals as a table, for people."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.cox_pair import fit_pair
from ck4gen.evaluation.metric import FAULTS, EvaluationSettings
from ck4gen.survival.cox import wald_interval
from ck4gen.survival.cox_data import cox_data


def hazard_table(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> pd.DataFrame:
    """Hazard ratios per unit of each column with their intervals, one row a term.

    Returns:
        Columns ``term``, ``real``, ``real_low``, ``real_high``, ``synthetic``,
        ``synthetic_low``, ``synthetic_high`` and ``in_ci``; a degenerate term has no synthetic
        numbers, and no term has where the synthetic model cannot be fitted.
    """
    fits, lost = {}, []
    with suppress(*FAULTS):  # evaluate() gives the reason
        fits["real"] = cox_data(real, real, schema).fit(penalizer=settings.penalizer)
        drawn = cox_data(synthetic, real, schema)
        pair = fit_pair(fits["real"], drawn, settings.penalizer, settings.ridge)
        fits["synthetic"], lost = pair.synthetic, pair.degenerate
    terms = schema.design_names
    unit = pd.Series(1.0, terms)
    numerics = schema.of_kind("numeric")
    unit[numerics] = real[numerics].astype(float).std()
    nothing = pd.Series(np.nan, terms)
    table = {"term": terms}
    for side in ("real", "synthetic"):
        estimate, low, high = (nothing,) * 3
        if side in fits:
            estimate = fits[side].coefficients
            low, high = wald_interval(fits[side], settings.confidence)
        for suffix, values in (("", estimate), ("_low", low), ("_high", high)):
            table[side + suffix] = np.exp(values.reindex(terms) / unit).to_numpy()
    frame = pd.DataFrame(table)
    frame.loc[frame["term"].isin(lost), ["synthetic", "synthetic_low", "synthetic_high"]] = np.nan
    inside = frame["synthetic"].between(frame["real_low"], frame["real_high"])
    return frame.assign(in_ci=inside)
