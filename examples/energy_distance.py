"""A metric of your own: the energy distance between the real and the synthetic covariates.

ck4gen train data=whas500 'evaluation.extra=[energy_distance.energy_distance]'
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.registry import MetricInfo, metric


@metric(
    MetricInfo(
        "fidelity/own_energy_distance",
        "Energy distance",
        "energy distance of the covariates, in real SDs",
        ideal=0,
        digits=3,
        headline=True,
    )
)
def energy_distance(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> float:
    """Energy distance of two samples (Szekely and Rizzo 2013).

    2 E|X - Y| - E|X - X'| - E|Y - Y'| over the terms of the Cox design, each in SDs of the real
    rows. It is 0 for two equal samples, and at least 0 for any.

    Args:
        real: (n, p + 2) real rows.
        synthetic: (m, p + 2) synthetic rows.
        schema: Columns of both.
    """
    scale = schema.design(real).std()
    x, y = (np.asarray(schema.design(t) / scale) for t in (real, synthetic))
    return float(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())
