"""A warning before anything is fitted."""

from __future__ import annotations

import warnings

import pandas as pd

from ck4gen.data.schema import EVENT, Schema

EVENTS_PER_COVARIATE = 10  # Peduzzi et al. 1995: below it Cox estimates become unreliable


def warn_few_events(train: pd.DataFrame, schema: Schema) -> None:
    """Warn when there are fewer than ten events per term of the Cox design."""
    events, terms = int(train[EVENT].sum()), len(schema.design_names)
    if events < EVENTS_PER_COVARIATE * terms:
        warnings.warn(
            f"{events / terms:.1f} events per covariate ({events} events, {terms} terms): with "
            f"fewer than {EVENTS_PER_COVARIATE} the hazard ratios themselves are uncertain",
            stacklevel=2,
        )
