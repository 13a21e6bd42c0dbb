"""Private log hazard ratios: noisy sums of clipped efficient scores, read by simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ck4gen.described.hazards import Hazards
from ck4gen.private.bounded_scores import BoundedScores
from ck4gen.private.mechanism import Mechanism
from ck4gen.private.settings import PrivateSettings
from ck4gen.private.simulated import Simulated

NOTHING = 1e-12  # of the largest information: that of a term without spread
ENOUGH = 0.02  # step, in standard errors, at which the search has ended


@dataclass(frozen=True)
class ReleasedSum:
    """A private sum of bounded scores, and how it was made.

    Attributes:
        total: (p,) the sum.
        scores: What was summed.
        noise: SD of the noise in each entry.
    """

    total: np.ndarray
    scores: BoundedScores
    noise: float

    def expected(
        self, truth: Hazards, coefficients: np.ndarray, simulated: Simulated
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the sum is for a patient where ``truth`` and ``coefficients`` hold.

        Scores whose events are expected by the truth have the mean 0, so that the mean of what
        they differ by from the released ones is simulated with little error.

        Returns:
            (p,) mean, (p, p) its slope on the log hazard ratios, (p, p) covariance.
        """
        drawn = truth.draw(simulated.x, coefficients, simulated.uniform)
        cut = self.scores(simulated.x, *drawn)
        zero = self.scores.whole(simulated.x, *drawn, (truth, coefficients))
        slope = cut.T @ truth.scores(simulated.x, *drawn, coefficients) / len(cut)
        return (cut - zero).mean(0), slope, np.cov(cut.T).reshape(slope.shape)


def private_hazard_ratios(
    x: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    patients: float,
    simulated: Simulated,
    settings: PrivateSettings,
    mechanism: Mechanism,
) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard ratios, and by how much their standard errors exceed the cohort's own.

    Each step releases one sum over patients: the efficient scores at the last estimate, in units
    of its standard errors, each within a norm. The new estimate is the one under which simulated
    patients, bounded the same way, have these sums (indirect inference; Gourieroux, Monfort and
    Renault 1993), so that the bound costs precision and no bias where the model holds. All sums
    that were taken near it count, by their noise. Our choice; private M-estimation by noisy clipped
    scores is Avella-Medina, Bradshaw and Loh (2023).

    Args:
        x: (n, p) terms of the patients, each a function of its row and of earlier releases.
        time: (n,) times.
        event: (n,) events.
        patients: Their number, private.
        simulated: Simulated patients.
        settings: Settings of the release.
        mechanism: The budget.

    Returns:
        (p,) log hazard ratios, (p,) factors.
    """
    coefficients, sums = np.zeros(x.shape[1]), []
    for number, share in enumerate(settings.hazard_ratios, 1):
        hazards = simulated.hazards(coefficients)
        mu = mechanism.mu * np.sqrt(share)
        scores = _best_scores(hazards, coefficients, patients, simulated, settings, mu)
        rows = scores.whole(x, time, event)
        total = mechanism.sum(f"scores of the hazards, step {number}", rows, scores.bound, share)
        sums.append(ReleasedSum(total, scores, scores.bound / mu))
        coefficients = _solved(sums, coefficients, patients, simulated, settings)
    truth = simulated.hazards(coefficients)
    near = _near(sums, coefficients, patients * truth.information, settings.reach)
    return coefficients, _factors(near, truth, coefficients, patients, simulated)


def _best_scores(
    hazards: Hazards,
    coefficients: np.ndarray,
    patients: float,
    simulated: Simulated,
    settings: PrivateSettings,
    mu: float,
) -> BoundedScores:
    """The scores whose bound gives the least error of the estimate, in the simulated patients.

    What bounding loses against the maximum likelihood of the same patients, and the noise, which
    grows with the bound.
    """
    information = patients * hazards.information
    whitening, inverse = _inverse_root(information), _inverse(information)
    spread = np.diag(inverse) > 0
    drawn = hazards.draw(simulated.x, coefficients, simulated.uniform)
    whole = hazards.scores(simulated.x, *drawn, coefficients)
    bounds = np.sqrt(len(coefficients) / patients) * np.array(settings.bounds)
    made = [
        BoundedScores.at(hazards, coefficients, whitening, bound, settings.followed, simulated)
        for bound in bounds
    ]

    def error(scores: BoundedScores) -> float:
        cut = scores(simulated.x, *drawn)
        slope = (patients * cut.T @ whole / len(cut))[np.ix_(spread, spread)]
        if not spread.any() or np.linalg.cond(slope) > 1e12:
            return np.inf
        back = np.zeros_like(inverse)
        back[np.ix_(spread, spread)] = np.linalg.inv(slope)
        lost = patients * (cut @ back.T - whole @ inverse).var(0)
        noise = (back**2).sum(1) * (scores.bound / mu) ** 2
        return float(((lost + noise)[spread] / np.diag(inverse)[spread]).mean())

    return min(made, key=error)


def _solved(
    sums: list[ReleasedSum],
    start: np.ndarray,
    patients: float,
    simulated: Simulated,
    settings: PrivateSettings,
) -> np.ndarray:
    """(p,) log hazard ratios at which simulated patients have these sums, by Newton's steps.

    A wide normal prior keeps an estimate from running away where there is more noise than signal.
    """
    estimate = start
    for _ in range(settings.iterations):
        truth = simulated.hazards(estimate)
        slopes, misses = [np.eye(len(estimate)) / settings.prior], [-estimate / settings.prior]
        for released in _near(sums, estimate, patients * truth.information, settings.reach):
            mean, slope, _ = released.expected(truth, estimate, simulated)
            slopes.append(patients * slope / released.noise)
            misses.append((released.total - patients * mean) / released.noise)
        step = np.linalg.lstsq(np.vstack(slopes), np.concatenate(misses), rcond=1e-6)[0]
        size = np.sqrt(step @ truth.information @ step * patients / len(step))
        estimate = estimate + step * min(1.0, settings.largest_step / max(size, 1e-12))
        if size < ENOUGH:
            break
    return estimate


def _near(
    sums: list[ReleasedSum], estimate: np.ndarray, information: np.ndarray, reach: float
) -> list[ReleasedSum]:
    """The last sum, and those taken within so many standard errors of the estimate.

    What a sum says of log hazard ratios far from where it was taken hangs on the model.
    """

    def distance(released: ReleasedSum) -> float:
        gap = estimate - released.scores.coefficients
        return float(np.sqrt(gap @ information @ gap / len(gap)))

    return [*(s for s in sums[:-1] if distance(s) <= reach), sums[-1]]


def _factors(
    sums: list[ReleasedSum],
    truth: Hazards,
    coefficients: np.ndarray,
    patients: float,
    simulated: Simulated,
) -> np.ndarray:
    """(p,) standard error of the estimate over that of the cohort's own, at least 1.

    Its own part is that of the last sum: the same patients stand behind all of them.
    """
    parts = [released.expected(truth, coefficients, simulated) for released in sums]
    slopes = [patients * slope / s.noise for s, (_, slope, _) in zip(sums, parts, strict=True)]
    last = np.linalg.pinv(patients * parts[-1][1])
    sampling = last @ (patients * parts[-1][2]) @ last.T
    variance = sampling + np.linalg.pinv(sum(slope.T @ slope for slope in slopes))
    own = np.diag(_inverse(patients * truth.information))
    ratio = np.divide(np.diag(variance), own, out=np.ones_like(own), where=own > 0)
    factors: np.ndarray = np.sqrt(np.maximum(ratio, 1.0))
    return factors


def _inverse(matrix: np.ndarray) -> np.ndarray:
    """(p, p) inverse of an information; 0 for terms that no simulated patient differs in.

    A rare level may have none of the simulated patients, after noise.
    """
    known = np.diag(matrix) > NOTHING * np.diag(matrix).max(initial=0)
    part = matrix[np.ix_(known, known)]
    inverse = np.zeros_like(matrix)
    # two levels of the same few patients cannot be told apart
    whole = part.size and np.linalg.cond(part) < 1 / NOTHING
    inverse[np.ix_(known, known)] = np.linalg.inv(part) if whole else np.linalg.pinv(part)
    return inverse


def _inverse_root(matrix: np.ndarray) -> np.ndarray:
    """(p, p) symmetric root of the inverse."""
    values, vectors = np.linalg.eigh(matrix)
    values = np.where(
        values > NOTHING * values[-1], np.maximum(values, 1e-6 * values[-1]), np.inf
    )  # nothing is known of a term without spread: its scores count for nothing
    root: np.ndarray = (vectors / np.sqrt(values)) @ vectors.T
    return root
