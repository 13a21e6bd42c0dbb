"""The strength of a ridge by cross-validated partial likelihood, also where p exceeds n."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.survival.design_axes import principal_axes
from ck4gen.survival.newton import CoxError, maximise
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets


def cross_validated_penalizer(
    design: pd.DataFrame,
    duration: pd.Series,
    event: pd.Series,
    strengths: tuple[float, ...],
    folds: int,
    strata: np.ndarray | None = None,
    entry: np.ndarray | None = None,
) -> float:
    """The strength under which patients left out are the least surprising.

    The criterion is that of Verweij and van Houwelingen (1993): summed over folds, the log partial
    likelihood of all patients less that of the patients trained on, at the coefficients of the
    latter. Folds take turns through the patients in order of event and time, so that nothing is
    drawn.

    Args:
        design: (n, p) float design; p may exceed n.
        duration: (n,) times.
        event: (n,) events.
        strengths: Candidates, as :func:`fit_cox` takes them.
        folds: Folds.
        strata: (n,) strata.
        entry: (n,) times after which a row is at risk.

    Returns:
        One of ``strengths``, the strongest where none gives an estimate in every fold.
    """
    order = np.lexsort((-duration.to_numpy(float), -event.to_numpy()))
    fold = np.empty(len(order), int)
    fold[order] = np.arange(len(order)) % folds
    z = principal_axes(_standardised(design))[0]
    times, events = duration.to_numpy(float), event.to_numpy()

    def likelihood(rows: np.ndarray) -> PartialLikelihood:
        within, late = (None if a is None else a[rows] for a in (strata, entry))
        return PartialLikelihood(RiskSets(times[rows], events[rows], None, within, late), z[rows])

    whole = likelihood(np.ones(len(z), bool))
    parts = [(likelihood(fold != k), int((fold != k).sum())) for k in range(folds)]
    starts, log_likelihoods = [np.zeros(z.shape[1])] * folds, {}
    for strength in sorted(strengths, reverse=True):  # each starts where the stronger one ended
        try:
            maxima = [
                maximise(part, strength * rows, start)
                for (part, rows), start in zip(parts, starts, strict=True)
            ]
        except CoxError:
            break  # a weaker one has no estimate either
        starts = [maximum.coefficients for maximum in maxima]
        log_likelihoods[strength] = sum(
            whole.at(start).value - part.at(start).value
            for (part, _), start in zip(parts, starts, strict=True)
        )
    return max(
        log_likelihoods, key=lambda strength: log_likelihoods[strength], default=max(strengths)
    )


def _standardised(design: pd.DataFrame) -> np.ndarray:
    """(n, p) terms of mean 0 and SD 1; a constant one is 0."""
    spread = design.std().to_numpy()
    centred = (design - design.mean()).to_numpy()
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
