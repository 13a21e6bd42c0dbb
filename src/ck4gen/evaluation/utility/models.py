"""The three downstream models, fixed in advance: the same for every table they are trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sksurv.ensemble import RandomSurvivalForest
from sksurv.util import Surv

from ck4gen.evaluation.base.utility_settings import UtilitySettings
from ck4gen.evaluation.utility.boosting import CoxBoosting
from ck4gen.evaluation.utility.prediction import Curves, Prediction, Proportional, breslow
from ck4gen.survival.cox import CoxError
from ck4gen.survival.cox_data import CoxData

P = TypeVar("P", bound=Prediction, covariant=True)


@dataclass(frozen=True)
class Fitted(Generic[P]):
    """A fitted model.

    Attributes:
        predict: Predictions for the rows of a design.
        caveat: What its numbers need to be read with, None for nothing.
        coefficients: Those of a Cox model.
    """

    predict: Callable[[pd.DataFrame], P]
    caveat: str | None = None
    coefficients: pd.Series | None = None


def outcome(sample: CoxData) -> np.ndarray:
    """The outcome as scikit-survival wants it."""
    return Surv.from_arrays(sample.event.to_numpy(bool), sample.duration.to_numpy(float))


def coxph(train: CoxData, penalizer: float, start: pd.Series | None = None) -> Fitted[Proportional]:
    """Cox model with lifelines' ridge; a column that never varies has coefficient 0.

    Args:
        train: Training rows.
        penalizer: The ridge, see :func:`fit_cox`.
        start: Coefficients to start from, those of a similar table.

    Raises:
        CoxError: There are no events, or every column is constant.
    """
    varies = train.design.nunique() > 1
    terms, constant = varies.index[varies], varies.index[~varies]
    if terms.empty:
        raise CoxError("every covariate is constant in the training table")
    if start is not None:
        start = start.reindex(terms, fill_value=0.0)
    beta = train.fit(list(terms), penalizer, start).coefficients
    risk = (train.design[terms] @ beta).to_numpy()
    baseline = breslow(risk, train.duration.to_numpy(float), train.event.to_numpy())
    return Fitted(
        lambda design: Proportional((design[terms] @ beta).to_numpy(), baseline),
        f"constant in training: {', '.join(constant)}" if len(constant) else None,
        beta,
    )


def rsf(train: CoxData, settings: UtilitySettings) -> Fitted:
    """Random survival forest; its score is the log of the expected number of events.

    Ensemble mortality (Ishwaran et al. 2008) is the cumulative hazard summed over times, so under
    proportional hazards its log is the linear predictor plus a constant. Times are rounded up to
    a grid of event-time quantiles, which makes the log-rank splits and the predictions cheap.
    """
    train, caveat = capped(train, settings)
    events = train.duration[train.event == 1]
    if events.empty:
        raise CoxError("no events")
    grid = np.unique(np.quantile(events, np.linspace(0, 1, settings.time_grid)))
    duration = np.r_[grid, np.inf][np.searchsorted(grid, train.duration)]
    duration[np.isinf(duration)] = train.duration.max()
    forest = RandomSurvivalForest(
        n_estimators=settings.trees,
        min_samples_leaf=settings.min_samples_leaf,
        random_state=settings.seed,
    ).fit(train.design.to_numpy(), Surv.from_arrays(train.event.to_numpy(bool), duration))

    def predict(design: pd.DataFrame) -> Curves:
        rows = design.to_numpy()
        curves = forest.predict_survival_function(rows, return_array=True)
        deaths = forest.predict(rows)
        if not deaths.any():
            raise ValueError("the forest expects no events")
        deaths = np.maximum(deaths, deaths[deaths > 0].min())  # a leaf without events: lowest risk
        return Curves(np.log(deaths), forest.unique_times_, curves)

    return Fitted(predict, caveat)


def gbcox(train: CoxData, settings: UtilitySettings) -> Fitted:
    """Gradient-boosted trees on the Cox partial likelihood, with Breslow's baseline."""
    train, caveat = capped(train, settings)
    if not train.event.any():
        raise CoxError("no events")
    boosted = CoxBoosting(
        n_estimators=settings.stages,
        learning_rate=settings.learning_rate,
        max_depth=settings.depth,
        subsample=settings.subsample,
        random_state=settings.seed,
    ).fit(train.design.to_numpy(), outcome(train))
    risk = boosted.predict(train.design.to_numpy())
    baseline = breslow(risk, train.duration.to_numpy(float), train.event.to_numpy())
    return Fitted(lambda design: Proportional(boosted.predict(design.to_numpy()), baseline), caveat)


def capped(train: CoxData, settings: UtilitySettings) -> tuple[CoxData, str | None]:
    """At most ``max_rows`` random rows with the event rate of the table, and a caveat if cut."""
    rows = len(train.design)
    if rows <= settings.max_rows:
        return train, None
    both = train.event.value_counts().min() > 1 and train.event.nunique() > 1
    kept, _ = train_test_split(
        train.design.index,
        train_size=settings.max_rows,
        stratify=train.event if both else None,
        random_state=settings.seed,
    )
    caveat = f"trained on {settings.max_rows} of {rows} rows"
    return train.where(train.design.index.isin(kept)), caveat


def fit(
    model: str, train: CoxData, settings: UtilitySettings, start: pd.Series | None = None
) -> Fitted:
    """Fit one of the three by its name; ``start`` is for the Cox model."""
    if model == "coxph":
        return coxph(train, settings.penalizer, start)
    return {"rsf": rsf, "gbcox": gbcox}[model](train, settings)
