"""Transforms of a numeric column to [0, 1] (paper, figure 1b-c)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.base import TransformerMixin

NUMERIC = ("boxcox", "quantile", "minmax", "normal")
ROUND_TRIP = 1e-5  # error of a float32 record, as a share of the column's range


def fit_numeric(numeric: str, values: np.ndarray) -> TransformerMixin:
    """Fit the transform of one numeric column to [0, 1].

    ``boxcox`` is Box-Cox on v + 1 with the maximum-likelihood lambda, then min-max, as in the
    authors' Masked Clinical Modelling. It is computed as Yeo-Johnson, which equals it for
    v >= 0 and, our choice, extends it to negative values. Where the power is so extreme that a
    float32 record would not give the values back, plain min-max is used instead. ``normal`` is
    normal scores, then min-max.

    Args:
        numeric: ``boxcox``, ``quantile``, ``minmax`` or ``normal``.
        values: (n, 1) training values.
    """
    # scikit-learn takes a second, and a wrong name is refused without it
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, QuantileTransformer

    from ck4gen.data.normal_scores import NormalScores

    if numeric == "quantile":
        return QuantileTransformer(n_quantiles=min(1000, len(values)), subsample=None).fit(values)
    if numeric == "normal":
        return make_pipeline(NormalScores(), MinMaxScaler()).fit(values)
    if numeric == "boxcox" and (power := _power(np.asarray(values, float).tobytes())) is not None:
        return power
    return MinMaxScaler().fit(values)


@lru_cache(maxsize=64)
def _power(content: bytes) -> TransformerMixin | None:
    """The power of these values, None where it is too extreme; runs of a sweep share a cohort."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, PowerTransformer

    values = np.frombuffer(content)[:, None]
    power = make_pipeline(PowerTransformer("yeo-johnson", standardize=False), MinMaxScaler())
    with np.errstate(all="ignore"):
        record = power.fit_transform(values).astype(np.float32)
        error = np.abs(power.inverse_transform(record.astype(float)) - values).max()
    # false for not-a-number too
    return power if error <= ROUND_TRIP * np.ptp(values) else None
