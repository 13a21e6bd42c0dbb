"""A hazard of Cox's form: what is known of it before its baseline is averaged."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ck4gen.survival.changing_effects import ChangingEffects
from ck4gen.survival.curvature import Curvature


class Law(NamedTuple):
    """A hazard of Cox's form.

    Attributes:
        coefficients: Log hazard ratios by term, and what is added to some of them later.
        means: Covariates of the patient whose hazard a baseline is.
        baseline: Cumulative hazard of all patients, indexed by time.
        curvature: Splines whose terms stand after those of the design.
        changes: The terms to which something is added.
    """

    coefficients: pd.Series
    means: pd.Series
    baseline: pd.Series
    curvature: Curvature = Curvature()
    changes: ChangingEffects = ChangingEffects()
