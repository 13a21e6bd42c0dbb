"""The secret weights of known patients, solved from the numbers that a sampler's file holds.

Whoever knows who may have been in a cohort knows what every number of the file is as a function
of the weights of these patients. The numbers are then equations, and a patient who was not in has
the weight 0 (reconstruction: Dinur and Nissim 2003; Cohen and Nissim 2020).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ck4gen.calibration.condition import SyntheticTable
from ck4gen.calibration.conditions import OF_GENERATOR
from ck4gen.data.quantile_map import QuantileFunction
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.sampler import Sampler

EXACT = 0.02  # standard errors: what slopes at weights of 1 leave open of an exact equation
LEAST_NOISE = 0.1  # of a cohort without a guard, where whoever was in has the weight 1


def solved_weights(
    sampler: Sampler, noise: float, group: float, patients: WeightedCohort
) -> np.ndarray:
    """(n,) the likeliest weights of these patients, by the numbers in the file.

    Best linear prediction under a prior of mean 1 and the guard's SD: with A the slopes of the
    equations on the weights, S their tolerances and e their errors at weights of 1, it is
    1 - noise^2 A (noise^2 A'A + S)^-1 e. Each entry orders files as the likelihood ratio of with
    and without that patient does, to first order. More Gauss-Newton steps did not come nearer to
    the true weights (measured on WHAS500).

    Args:
        sampler: What the file holds.
        noise: The guard's, which the file tells.
        group: Patients averaged in a knot of a quantile function.
        patients: All who may have been in, each of weight 1.
    """
    variance = max(noise, LEAST_NOISE) ** 2
    parts = [*_of_conditions(sampler, patients), *_of_quantiles(sampler, group, patients)]
    error, tolerance = (np.concatenate([part[index] for part in parts]) for index in (0, 2))
    slopes = np.hstack([part[1] for part in parts])
    spread = variance * slopes.T @ slopes + np.diag(tolerance**2)
    return 1 - variance * slopes @ np.linalg.solve(spread, error)


def _of_conditions(
    sampler: Sampler, patients: WeightedCohort
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(k,) errors, (n, k) slopes and (k,) tolerances of what tables are calibrated to."""
    if sampler.calibration is None:
        return
    conditions = sampler.calibration.conditions
    table = SyntheticTable.of_real(conditions.analysis, patients)
    for name, condition in conditions.kept.items():
        if name not in OF_GENERATOR:  # those are no conditions on patients
            error = condition.errors(table).numpy()
            yield error, condition.slopes(table).numpy(), np.full(len(error), EXACT)


def _of_quantiles(
    sampler: Sampler, group: float, patients: WeightedCohort
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The same of the share of patients below each knot, in standard errors of a share.

    A knot that is an average lies anywhere among its patients: their half is a guess.
    """
    for name, mapped in sampler.record_decoder.quantiles.items():
        knots, share, shared = _upper_shares(mapped.quantiles)
        kept = (share > 0) & (share < 1)
        share, rows = share[kept], len(patients)
        spread = np.sqrt(share * (1 - share) * rows)
        below = patients.table[name].to_numpy(float)[:, None] <= knots[kept]
        open_ = np.where(shared[kept], 0.0, np.sqrt(group) / 2) / spread
        error = patients.weight @ (below - share) / spread
        yield error, (below - share) / spread, np.hypot(open_, EXACT)


def _upper_shares(quantiles: QuantileFunction) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct knots, the share up to each, and whether patients have that very value."""
    knots, first, count = np.unique(quantiles.knots, return_index=True, return_counts=True)
    shared = (count > 1) | quantiles.stepwise
    return knots, quantiles.shares[first + count - 1], shared
