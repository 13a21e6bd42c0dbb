"""What a cohort has too few of: a warning, or a refusal, before anything is fitted."""

from __future__ import annotations

import warnings

import pandas as pd

from ck4gen.data.schema import EVENT, Schema
from ck4gen.settings import InputError

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


def check_divisible(table: pd.DataFrame) -> None:
    """Refuse a cohort that cannot be divided in two parts with events and censored rows in both.

    Raises:
        InputError: A single row has the event, or has not.
    """
    counts = table[EVENT].value_counts()
    if counts.min() < 2:
        which = "has the event" if counts.idxmin() else "is censored"
        raise InputError(
            f"only one row {which}: an audit holds patients out and needs at least two; use a "
            "cohort with more"
        )


def most_folds(events: pd.Series) -> int:
    """The most folds of which each has an event, and a row without one where there is any."""
    return int(events.value_counts().min())
