"""What an attack gains on patients used over others, with the split itself as the experiment.

Who was held out was drawn at random, so under a table that tells nothing the labels can be drawn
again (Fisher 1935). Nothing is assumed of the attack, the table or the patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK = 100  # draws held at once


@dataclass(frozen=True)
class Gains:
    """Gains of several attacks of one kind, one a covariate.

    Attributes:
        value: (p,) what is gained.
        null: (B, p) the same where patients used and held out are drawn anew.
        patients: Patients behind it.
    """

    value: np.ndarray
    null: np.ndarray
    patients: int


def split_gains(
    success: np.ndarray,
    train: np.ndarray,
    profiles: np.ndarray,
    share: float,
    draws: int,
    seed: int,
) -> Gains:
    """One split: success on training rows over that on held-out ones.

    An analysis of covariance, as of a trial: what the patients' own values explain of the success
    is taken out of both sides, which narrows the noise (Freedman and Lane 1983).

    Args:
        success: (N, p) chance of success on each patient.
        train: (N,) mask of the training rows.
        profiles: (N, d) values of the patients.
        share: Components of ``profiles`` that are taken out, per patient at most.
        draws: Draws of the labels.
        seed: Seed of the draws.
    """
    basis = _basis(profiles, share)
    left = success - basis @ (basis.T @ success)
    generator = np.random.default_rng([seed, 6])

    def gain(labels: np.ndarray) -> np.ndarray:
        """(b, p) slopes of success on the label, both without the patients' own values."""
        free = labels - (labels @ basis) @ basis.T
        slopes: np.ndarray = free @ left / (free**2).sum(1, keepdims=True)
        return slopes

    null = [
        gain(np.array([generator.permutation(train) for _ in range(size)], float))
        for size in _sizes(draws)
    ]
    return Gains(gain(train[None].astype(float))[0], np.vstack(null), len(train))


def fold_gains(success: np.ndarray, fold: np.ndarray, draws: int, seed: int) -> Gains:
    """Every patient once held out: success on the tables that used a patient over the one without.

    Each patient is his or her own control. The labels that are drawn anew are the folds; the
    noise is at least the spread over patients.

    Args:
        success: (K, N, p) chance of success on each patient by each table.
        fold: (N,) number of the table that did without the patient.
        draws: Draws of the folds.
        seed: Seed of the draws.
    """
    tables, patients, _ = success.shape
    generator = np.random.default_rng([seed, 7])
    rows = np.arange(patients)
    # a patient's success on the others minus that on his own table is linear in the latter
    everywhere = success.sum(0).mean(0) / (tables - 1)

    def gain(labels: np.ndarray) -> np.ndarray:
        held_out_success: np.ndarray = success[labels, rows].mean(0)
        return everywhere - held_out_success * tables / (tables - 1)

    null = np.array([gain(generator.permutation(fold)) for _ in range(draws)])
    # where tables that used a patient agree with each other more than with the one that did not,
    # as those that copy times do, the draws vary too little: the spread over patients counts
    used = (success.sum(0) - success[fold, rows]) / (tables - 1)
    over_patients = (used - success[fold, rows]).std(0) / np.sqrt(patients)
    drawn = null.std(0)
    wider = np.maximum(over_patients / np.where(drawn > 0, drawn, 1), 1)
    return Gains(gain(fold), null * wider, patients)


def _sizes(draws: int) -> list[int]:
    return [min(BLOCK, draws - start) for start in range(0, draws, BLOCK)]


def _basis(profiles: np.ndarray, share: float) -> np.ndarray:
    """(N, q) orthonormal: a constant, then principal components of the standardised values."""
    sd = profiles.std(0)
    z = (profiles - profiles.mean(0))[:, sd > 0] / sd[sd > 0]
    left, size, _ = np.linalg.svd(z, full_matrices=False)
    kept = min(int((size > 1e-8 * size.max(initial=0)).sum()), int(share * len(profiles)))
    constant = np.full((len(profiles), 1), len(profiles) ** -0.5)
    return np.hstack([constant, left[:, :kept]])
