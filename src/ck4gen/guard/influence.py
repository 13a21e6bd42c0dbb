"""What one patient moves, and what an attacker who knows all others sees of it."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.stats import norm

from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import CoxFit
from ck4gen.survival.design_axes import is_wide

SUMMARIES = {
    "mean": "mean over patients",
    "median": "median patient",
    "p99": "99th percentile of patients",
    "max": "most exposed patient",
    "above": "share of patients above 0.75",
}
EXPOSED = 0.75  # area at which "above" counts a patient
RIDGE = 1e-9  # of each variance: statistics that follow from others add nothing


def column_influence(cohort: WeightedCohort) -> np.ndarray:
    """(n, k) what each patient adds to the mean of every term and the SD of every numeric.

    The first-order change of n times the statistic by the weight of the patient (Hampel 1974),
    in SDs of the term. Columns of strata have their terms here.
    """
    cohort = cohort.unstratified
    z = ((cohort.design - cohort.mean) / cohort.sd).to_numpy()
    numeric = cohort.design.columns.isin(cohort.schema.of_kind("numeric"))
    return np.hstack([z, (z[:, numeric] ** 2 - 1) / 2])


def column_gap(table: WeightedCohort, cohort: WeightedCohort) -> np.ndarray:
    """(k,) how far a table is off in the statistics of :func:`column_influence`, in SDs."""
    read, reference = table.unstratified, cohort.unstratified
    numeric = reference.design.columns.isin(reference.schema.of_kind("numeric"))
    return np.r_[(read.mean - reference.mean) / reference.sd, (read.sd / reference.sd - 1)[numeric]]


def hazard_ratio_influence(fit: CoxFit, weight: np.ndarray) -> np.ndarray:
    """(n, p) what each patient of weight 1 adds to the log hazard ratios (Cain and Lange 1984).

    Args:
        fit: The model.
        weight: (n,) weights of the patients in it.
    """
    return fit.influence / weight[:, None]


def as_correlations(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, k) covariance -> (k, k) correlations and the (k,) SDs, 1 of what does not vary."""
    sd = np.sqrt(covariance.diagonal())
    sd = np.where(sd > 0, sd, 1.0)
    return covariance / np.outer(sd, sd), sd


def leverages(influence: np.ndarray, weight: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(n,) squared distance that each patient moves statistics, in SDs of the noise on them.

    It is w_j^2 IF_j' N^-1 IF_j.

    Args:
        influence: (n, k) influence of each patient at weight 1.
        weight: (n,) weights that patients have before any noise.
        noise: (k, k) covariance of n times the statistics.
    """
    scaled, sd = as_correlations(noise)
    root = cholesky(scaled + RIDGE * np.eye(len(noise)), lower=True)
    whitened = solve_triangular(root, influence.T / sd[:, None], lower=True)
    return (whitened**2).sum(0) * weight**2


def weight_leverages(influence: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(n,) :func:`leverages` in the noise that follows from the weights of the patients.

    Its covariance is IF' W^2 IF. Where there are very many statistics it is the same, but for
    rounding, by the products of patients: with B = W IF / SD of the noise, that of B (B'B + r)^-1
    B' = BB' (BB' + r)^-1.

    Args:
        influence: (n, k) influence of each patient at weight 1.
        weight: (n,) weights that patients have before any noise.
    """
    rows, statistics = influence.shape
    if not is_wide(rows, statistics // 2):  # a term has two, its mean and its SD
        return leverages(influence, weight, (influence * weight[:, None] ** 2).T @ influence)
    moved = influence * weight[:, None]
    sd = np.sqrt((moved**2).sum(0))
    moved /= np.where(sd > 0, sd, 1.0)
    products = moved @ moved.T
    projection = cho_solve(cho_factor(products + RIDGE * np.eye(len(products))), products)
    return projection.diagonal().copy()


def independent(influence: np.ndarray) -> int:
    """How many of the statistics are independent: the rank of their (n, k) influence.

    The sum of all :func:`weight_leverages` at weight 1, as a trace: no patient by patient.
    """
    rows, statistics = influence.shape
    if is_wide(rows, statistics // 2):
        return round(weight_leverages(influence, np.ones(rows)).sum())
    scaled, _ = as_correlations(influence.T @ influence)
    ridged = scaled + RIDGE * np.eye(statistics)
    return round(float(np.trace(cho_solve(cho_factor(ridged), scaled))))


def area_under_curve(leverage: np.ndarray, noise: float) -> np.ndarray:
    """(n,) area under the curve of the attacker who knows every other patient.

    The statistics with and without patient j are two Gaussians. Their means differ by the
    influence of j, and their covariances by what j adds to the noise: nothing where j was not in.
    She orders statistics along the influence, whitened by the mean of both covariances. With h_j
    the share of j in the covariance along his influence, and tau the SD of a weight, the area is
    Phi(sqrt(h_j / (2 - h_j)) / tau).

    Args:
        leverage: (n,) h_j, the :func:`weight_leverages` where the patients are all of the noise.
        noise: tau, the noise in SDs of a bootstrap's.
    """
    return norm.cdf(np.sqrt(leverage / (2 - leverage)) / noise)


def summaries(area: np.ndarray) -> dict[str, float]:
    """Areas of all patients in a few numbers, by the names of ``SUMMARIES``."""
    values = (
        area.mean(), np.median(area), np.quantile(area, 0.99), area.max(), (area > EXPOSED).mean()
    )  # fmt: skip
    return dict(zip(SUMMARIES, map(float, values), strict=True))
