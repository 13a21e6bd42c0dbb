"""Published numbers as the description of a cohort, from which rows can be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ck4gen.described.copula import Copula
from ck4gen.described.description import CohortDescription, Terms
from ck4gen.described.marginal import Marginal
from ck4gen.described.published.follow_up import follow_up
from ck4gen.described.published.marginals import published_marginal
from ck4gen.described.published.numbers import PublishedColumn, PublishedNumbers

DRAWS = 4000  # evenly spread patients on whom moments of a column given by quartiles are found


def published_description(
    numbers: PublishedNumbers, cells: int, stretches: int
) -> CohortDescription:
    """The description under which all published numbers hold.

    Terms are linear in the numbers themselves, as in the published model, whatever the scale on
    which a column is spread. What is not published is filled in: columns are independent where no
    correlation is given, and hazards are proportional without products or bends.

    Args:
        numbers: The published numbers.
        cells: Cells of a numeric, at most.
        stretches: Stretches of time, beside the points of the curve.
    """
    marginals = [published_marginal(column, cells) for column in numbers.columns]
    moments = [
        moment
        for column, marginal in zip(numbers.columns, marginals, strict=True)
        for moment in _moments(column, marginal)
    ]
    centre, spread = np.array(moments).T
    linear = tuple(replace(column, scale="linear") for column in numbers.public)
    terms = Terms(replace(numbers.public, columns=linear), centre, spread)
    n = numbers.patients
    at_risk = {time: count / n for time, count in numbers.at_risk.items()}
    course = follow_up(
        numbers.survival, numbers.public.horizon, numbers.events / n, stretches, at_risk
    )
    return CohortDescription(
        numbers.public,
        numbers.patients,
        Copula.of_scores(marginals, numbers.correlations),
        terms,
        numbers.coefficients * spread,
        course.cuts,
        course.events,
        course.censored,
        np.ones(len(centre)),
    )


def _moments(column: PublishedColumn, marginal: Marginal) -> list[tuple[float, float]]:
    """Mean and SD of each term of a column."""
    if column.public.levels:
        return [(share, float(np.sqrt(share * (1 - share)))) for share in column.shares[1:]]
    if column.quartiles:
        values = marginal.values((np.arange(DRAWS) + 0.5) / DRAWS)
        return [(float(values.mean()), float(values.std()))]
    return [(float(column.mean or 0), float(column.sd or 0))]
