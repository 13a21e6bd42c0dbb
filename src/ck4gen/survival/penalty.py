"""The strength of a ridge by cross-validated partial likelihood, also where columns outnumber rows.

Ties are Breslow's here: they matter little for a strength, and a sum over risk sets is one pass.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

NEWTON_STEPS = 50
HALVINGS = 20
PRECISION = 1e-8  # gain of the penalised likelihood, as a share, at which Newton ends


def cross_validated_penalizer(
    design: pd.DataFrame,
    duration: pd.Series,
    event: pd.Series,
    strengths: tuple[float, ...],
    folds: int,
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

    Returns:
        One of ``strengths``.
    """
    order = np.lexsort((-duration.to_numpy(float), -event.to_numpy()))
    fold = np.empty(len(order), int)
    fold[order] = np.arange(len(order)) % folds
    z = _rotated(design)
    outcome = duration.to_numpy(float), event.to_numpy(float)
    whole = PartialLikelihood(z, *outcome)
    parts = [
        PartialLikelihood(z[fold != k], *(values[fold != k] for values in outcome))
        for k in range(folds)
    ]
    found = {}
    starts = [np.zeros(z.shape[1])] * folds
    for strength in sorted(strengths, reverse=True):  # each starts where the stronger one ended
        starts = [p.maximum(strength, start) for p, start in zip(parts, starts, strict=True)]
        gains = [whole.value(b) - p.value(b) for p, b in zip(parts, starts, strict=True)]
        found[strength] = sum(gains)
    return max(found, key=lambda strength: found[strength])


def _rotated(design: pd.DataFrame) -> np.ndarray:
    """(n, r) standardised design in its own axes: a ridge is the same there, and r is at most n."""
    centred = (design - design.mean()).to_numpy()
    z = centred / np.where(centred.any(axis=0), design.std().to_numpy(), 1.0)
    if z.shape[1] <= len(z):
        return z
    left, size, _ = np.linalg.svd(z, full_matrices=False)
    return left * size


class PartialLikelihood:
    """Breslow's log partial likelihood of a Cox model, with a ridge for its maximum.

    Args:
        z: (n, p) design.
        duration: (n,) times.
        event: (n,) events.
    """

    def __init__(self, z: np.ndarray, duration: np.ndarray, event: np.ndarray) -> None:
        order = np.argsort(-duration, kind="stable")  # a risk set is the rows up to a place
        self.z, self.event = z[order], event[order]
        times = -duration[order]
        self.last = np.searchsorted(times, times, side="right") - 1  # ties share their risk set
        self.first = np.searchsorted(times, times, side="left")

    def value(self, beta: np.ndarray) -> float:
        """Log partial likelihood at (p,) coefficients."""
        eta = self.z @ beta
        top = eta.max()
        at_risk = np.cumsum(np.exp(eta - top))[self.last]
        return float(self.event @ (eta - top - np.log(at_risk)))

    def maximum(self, strength: float, start: np.ndarray) -> np.ndarray:
        """(p,) coefficients that maximise it less n * strength / 2 * |beta|^2."""
        ridge, beta = len(self.z) * strength, start

        def penalised(point: np.ndarray) -> float:
            return self.value(point) - ridge / 2 * float(point @ point)

        value = penalised(beta)
        for _ in range(NEWTON_STEPS):
            gradient, information = self._derivatives(beta)
            information[np.diag_indices_from(information)] += ridge
            step = np.linalg.solve(information, gradient - ridge * beta)
            for _ in range(HALVINGS):
                moved = penalised(beta + step)
                if moved >= value:
                    break
                step = step / 2
            else:
                return beta
            beta, gain, value = beta + step, moved - value, moved
            if gain <= PRECISION * (1 + abs(value)):
                return beta
        return beta

    def _derivatives(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(p,) gradient and (p, p) information."""
        eta = self.z @ beta
        weight = np.exp(eta - eta.max())
        at_risk = np.cumsum(weight)[self.last]
        means = np.cumsum(weight[:, None] * self.z, axis=0)[self.last] / at_risk[:, None]
        # of each row, the hazard that it lives through: of all events up to its own time
        hazard = np.cumsum((self.event / at_risk)[::-1])[::-1][self.first]
        expected = weight * hazard
        gradient = self.z.T @ (self.event - expected)
        happened = means[self.event > 0]
        return gradient, self.z.T @ (expected[:, None] * self.z) - happened.T @ happened
