"""What a table is held to: the published numbers, in standard errors of so many patients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from ck4gen.calibration.condition import Condition
from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.correlation import correlation, standardised
from ck4gen.calibration.cox_conditions import CoxConditions, CoxModel
from ck4gen.calibration.moment_conditions import MomentConditions
from ck4gen.calibration.outcome_conditions import OutcomeConditions, OutcomeShare
from ck4gen.calibration.real_analysis import RealAnalysis
from ck4gen.described.description import CohortDescription
from ck4gen.described.hazards import Hazards
from ck4gen.described.published.numbers import PublishedNumbers
from ck4gen.described.published.quartile_shares import PublishedShares

APART = 0.1  # share of the patients that leaves between times at which they are counted, at most
NODES = 10_000  # evenly spread patients on whom shares below quartiles are found


def published_targets(
    description: CohortDescription, pool: pd.DataFrame, numbers: PublishedNumbers
) -> Conditions:
    """Published hazard ratios, moments, quartiles and counts in time; correlations of a pool.

    No analysis of drawn rows stands in for a published number: with the analysis of the pool as
    the target, its own sampling error would be added to every one of them.

    Args:
        description: Made from the published numbers.
        pool: (m, p + 2) rows drawn from it: the information of the model is worked out on them.
        numbers: The published numbers.
    """
    d, schema = description, description.public.schema
    names = schema.design_names
    mean, sd = pd.Series(d.terms.centre, names), pd.Series(d.terms.spread, names)
    x = ((schema.design(pool) - mean) / sd).to_numpy()
    information = Hazards.of_counts(x, d.coefficients, d.cuts, d.events, d.censored).information
    covariance = np.linalg.inv(information) / d.patients
    errors = np.sqrt(np.diag(covariance))
    analysis = RealAnalysis(
        schema, d.patients, float(d.events.sum() * d.patients), 0.0, mean, sd,
        pd.Series(d.coefficients, names), pd.Series(errors, names), information,
    )  # fmt: skip
    model = CoxModel(
        list(range(len(names))),
        torch.from_numpy(d.coefficients),
        torch.from_numpy(covariance * d.patients / errors[:, None]),
        torch.zeros(len(names), dtype=torch.float64),
    )
    rows, ones = torch.from_numpy(x), torch.ones(len(x), dtype=torch.float64)
    moments = MomentConditions(correlation(standardised(rows, ones), ones))
    outcomes = OutcomeConditions(_shares(d, list(numbers.survival)))
    shares = _with_quartiles(outcomes, d, pool, numbers)
    return Conditions(
        analysis, {"cox": CoxConditions([model]), "moments": moments, "outcomes": shares}
    )


def _with_quartiles(
    outcomes: OutcomeConditions,
    description: CohortDescription,
    pool: pd.DataFrame,
    numbers: PublishedNumbers,
) -> Condition:
    """Shares of outcomes, and of values below quartiles, as the described column has them."""
    below, share = [], []
    for column, marginal in zip(numbers.columns, description.copula.marginals, strict=True):
        values = marginal.values((np.arange(NODES) + 0.5) / NODES)
        for point in column.quartiles:
            below.append(pool[column.public.name].to_numpy(float) <= point)
            share.append(float((values <= point).mean()))
    if not below:
        return outcomes
    target = np.array(share)
    error = np.sqrt((target * (1 - target)).clip(1 / NODES) / description.patients)
    inside = torch.from_numpy(np.stack(below, 1).astype(float))
    return PublishedShares(outcomes, inside, torch.from_numpy(target), torch.from_numpy(error))


def _shares(description: CohortDescription, times: list[float]) -> list[OutcomeShare]:
    """Shares with the event, and censored, up to each published time, and events in all.

    Where published times are far apart, also between them: who is at risk when an event happens
    decides on the next point of the curve.
    """
    outcome_shares = []
    for kind, shares in ((1, description.events), (0, description.censored)):
        last = 0.0
        ends = list(zip(description.cuts[1:].tolist(), shares.cumsum().tolist(), strict=True))
        for time, share in [*ends, (np.inf, ends[-1][1])] if kind == 1 else ends:
            selected = time in times or time == np.inf or share - last >= APART
            if selected and 0 < share < 1:
                error = float(np.sqrt(share * (1 - share) / description.patients))
                outcome_shares.append(OutcomeShare(kind, time, share, error))
                last = share
    return outcome_shares
