"""Survival curves of each stratum: their baselines differ, which one curve of all hides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.experiments.card.curve_points import curve_points
from ck4gen.survival.kaplan_meier import kaplan_meier, observed_since

MOST_STRATA = 12  # that are drawn, those with the most patients


def stratum_curves(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, unit: str, fewest: int
) -> Iterator[dict]:
    """Curves of the largest strata; the last entry may be a caption that says what is left out.

    Args:
        real: Real rows.
        synthetic: Synthetic rows.
        schema: Columns of both; without strata nothing is drawn.
        unit: Unit of the time.
        fewest: Patients of a stratum, real and synthetic ones, from which on its curve is drawn.
    """
    real_stratum, synthetic_stratum = schema.stratum(real), schema.stratum(synthetic)
    if real_stratum is None or synthetic_stratum is None:
        return
    strata, sizes = np.unique(real_stratum, return_counts=True)
    drawn: list[tuple[int, pd.DataFrame, pd.DataFrame]] = []
    for stratum in strata[np.argsort(-sizes, kind="stable")]:
        parts = real[real_stratum == stratum], synthetic[synthetic_stratum == stratum]
        if len(drawn) < MOST_STRATA and min(map(len, parts)) >= fewest:
            drawn.append((stratum, *parts))
    left = len(strata) - len(drawn)
    for _, one, other in sorted(drawn, key=lambda part: part[0]):
        levels = ", ".join(f"{name} {one[name].iloc[0]}" for name in schema.strata)
        try:
            since = observed_since(one, fewest)
        except ValueError:  # too few at once
            left += 1
            continue
        title = f"The same in the stratum {levels}: {len(one)} real and {len(other)} synthetic rows"
        yield curve_points(kaplan_meier(one, since), kaplan_meier(other, since), unit, title)
    if left:
        caption = f"{left} smaller strata, or with fewer than {fewest} rows, are not drawn"
        yield {"caption": caption}
