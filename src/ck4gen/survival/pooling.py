"""One analysis of several synthetic tables, combined into one estimate with an honest interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.settings import InputError, inner_share

Analysis = Callable[[pd.DataFrame], pd.DataFrame]


def pool(tables: Sequence[pd.DataFrame], analysis: Analysis, confidence: float) -> pd.DataFrame:
    """Run an analysis on each table and combine what it finds.

    With m tables, mean estimate q, mean squared standard error u and variance b of the estimates
    between tables, the estimate is q and its variance T = u + b / m, with
    (m - 1) (1 + m u / b)^2 degrees of freedom. That is the rule for partially synthetic data
    (Reiter 2003). It applies here, although every value is synthetic: each table has about as
    many rows as the cohort, so u estimates the variance that the cohort itself leaves, and b is
    what the guard's noise and the draw of a table add, of which the mean of m tables keeps b / m.
    The rule for fully synthetic data, (1 + 1/m) b - u (Raghunathan, Reiter and Rubin 2003),
    assumes that each table is a fresh sample from a posterior draw, so that b holds the variance
    of the cohort as well. Calibrated tables vary less than that, and the rule would give negative
    variances.

    Args:
        tables: At least two synthetic tables of one cohort, each made with weights of its own.
        analysis: Table -> frame indexed by term with the columns ``estimate`` and
            ``standard_error``.
        confidence: Level of the intervals.

    Returns:
        By term: ``estimate``, ``standard_error``, ``degrees_of_freedom``, ``low``, ``high``,
        ``p_value``.

    Raises:
        InputError: There are fewer than two tables, their terms differ, or the confidence is no
            level.
    """
    check_pool(len(tables), confidence)
    results = [analysis(table) for table in tables]
    terms = list(results[0].index)
    for number, one in enumerate(results[1:], 2):
        if set(one.index) != set(terms):
            different = ", ".join(sorted(map(str, set(one.index) ^ set(terms))))
            raise InputError(
                f"table {number} has other terms than table 1 ({different}); pool tables of one "
                "cohort, or leave such columns out"
            )
    estimates = np.array([one.loc[terms, "estimate"] for one in results])
    within = np.array([one.loc[terms, "standard_error"] ** 2 for one in results]).mean(0)
    between, count = estimates.var(0, ddof=1), len(results)
    estimate, error = estimates.mean(0), np.sqrt(within + between / count)
    with np.errstate(divide="ignore"):  # tables that agree exactly leave a normal distribution
        freedom = (count - 1) * (1 + count * within / between) ** 2
    half = stats.t.ppf((1 + confidence) / 2, freedom) * error
    return pd.DataFrame(
        {
            "estimate": estimate,
            "standard_error": error,
            "degrees_of_freedom": freedom,
            "low": estimate - half,
            "high": estimate + half,
            "p_value": 2 * stats.t.sf(np.abs(estimate) / error, freedom),
        },
        index=pd.Index(terms, name="term"),
    )


def check_pool(tables: int, confidence: float) -> None:
    """Raise an InputError unless there are tables to pool and a level of their intervals."""
    if tables < 2:
        raise InputError(f"pooling takes at least two tables; there are {tables}")
    inner_share("confidence", confidence)
