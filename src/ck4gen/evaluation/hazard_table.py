"""Hazard ratios with their intervals as a table, for people."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from ck4gen.evaluation.base.metric import FAULTS
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.survival.cox import wald_interval


def hazard_table(comparison: CoxComparison) -> pd.DataFrame:
    """Hazard ratios per unit of each column with their intervals, one row a term.

    Returns:
        Columns ``term``, ``real``, ``real_low``, ``real_high``, ``synthetic``,
        ``synthetic_low``, ``synthetic_high`` and ``in_ci``; a degenerate term has no synthetic
        numbers, and no term has where the synthetic model cannot be fitted. Where causes compete
        there is a row for each term and cause, and a column ``cause``.
    """
    if not comparison.schema.causes:
        return _of_event(comparison)
    tables = [
        _of_event(one).assign(cause=one.schema.event_meaning)
        for one in comparison.by_cause.values()
    ]
    return pd.concat(tables, ignore_index=True)


def _of_event(comparison: CoxComparison) -> pd.DataFrame:
    fits, lost = {}, []
    with suppress(*FAULTS):  # evaluate() gives the reason
        fits["real"] = comparison.real_fit
        pair = comparison.pair
        fits["synthetic"], lost = pair.synthetic, pair.degenerate
    schema, real = comparison.schema, comparison.real
    terms = schema.design_names
    unit = pd.Series(1.0, terms)
    numerics = [name for name in schema.of_kind("numeric") if name in terms]
    unit[numerics] = real[numerics].astype(float).std()
    nothing = pd.Series(np.nan, terms)
    table = {"term": terms}
    for side in ("real", "synthetic"):
        estimate, low, high = (nothing,) * 3
        if side in fits:
            estimate = fits[side].coefficients
            low, high = wald_interval(fits[side], comparison.settings.confidence)
        for suffix, values in (("", estimate), ("_low", low), ("_high", high)):
            table[side + suffix] = np.exp(values.reindex(terms) / unit).to_numpy()
    frame = pd.DataFrame(table)
    frame.loc[frame["term"].isin(lost), ["synthetic", "synthetic_low", "synthetic_high"]] = np.nan
    inside = frame["synthetic"].between(frame["real_low"], frame["real_high"])
    return frame.assign(in_ci=inside)
