"""Latents from a Gaussian mixture, which keeps no training row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from ck4gen.constraints import AtLeast, Positive, check_fields
from ck4gen.methods.ck4gen.latents import FittedLatents, Latents, Placement
from ck4gen.methods.ck4gen.weighted_mixture import WeightedMixture
from ck4gen.methods.draw import Draw

FEWEST_DIMENSIONS = 2
FLAT = 1e-9  # variance of a direction, relative to the largest, below which it is none


@dataclass(frozen=True)
class MixtureOfGaussians(Latents):
    """A Gaussian mixture of the training rows' latents, our choice.

    Each component holds a weight, a mean and a covariance of many patients, as a published
    table of subgroup means would. The number of components is chosen by BIC among mixtures whose
    every component holds at least ``rows_per_dimension`` rows a dimension, of two at least; a
    single one always may. Latents of a few categories lie in fewer dimensions than they have.

    Args:
        components: Most components.
        rows_per_dimension: Training rows per latent dimension that a component needs.

    Raises:
        InputError: A value is wrong.
    """

    components: Positive
    rows_per_dimension: Annotated[float, AtLeast(1)]

    uses_rows: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields("method.latents", self)

    def fit(
        self, latent: Tensor, weight: Tensor, noise: float, seed: int
    ) -> GaussianMixtureLatents:
        """Fit the mixture, and add the decoder's noise to every component."""
        rows, width = latent.shape
        points, counted = latent.double().numpy(), weight.double().numpy()
        needed = self.rows_per_dimension * max(_dimensions(points), FEWEST_DIMENSIONS)
        most = max(1, int(rows / needed))
        fits = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # BIC judges what it found
            for count in range(1, min(self.components, most) + 1):
                try:
                    mixture = WeightedMixture(counted, count, seed).fit(points)
                except ValueError:  # a component collapsed on a few rows
                    if count == 1:
                        raise
                    continue
                if count == 1 or mixture.weights_.min() * rows >= needed:
                    fits.append(mixture)
        best = min(fits, key=lambda fit: fit.bic(points))
        covariance = best.covariances_ + noise**2 * np.eye(width)
        return GaussianMixtureLatents(
            best.weights_,
            torch.from_numpy(best.means_).float(),
            torch.from_numpy(np.linalg.cholesky(covariance)).float(),
        )

    def fewest_patients(self, width: int) -> float:
        """Rows behind a component."""
        return self.rows_per_dimension * FEWEST_DIMENSIONS


@dataclass(frozen=True)
class GaussianMixtureLatents(FittedLatents):
    """A fitted mixture.

    Attributes:
        weights: (k,) weights of the components.
        means: (k, d) means.
        factors: (k, d, d) Cholesky factors of the covariances.
    """

    weights: np.ndarray
    means: Tensor
    factors: Tensor

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        weights = torch.from_numpy(self.weights)
        return {"weights": weights, "means": self.means, "factors": self.factors}

    @classmethod
    def from_state(cls, state: dict) -> GaussianMixtureLatents:
        """The mixture of :meth:`to_state`."""
        return cls(state["weights"].numpy(), state["means"], state["factors"])

    def place(self, draw: Draw) -> Placement:
        """A component for each row, each as often as its weight says, to the nearest row."""
        generator = np.random.default_rng(draw.seed)
        uniform = (np.arange(draw.n) + generator.uniform()) / draw.n
        drawn = np.searchsorted(self.weights.cumsum()[:-1], generator.permutation(uniform))
        component = torch.from_numpy(drawn)
        return Placement(self.means[component], self.factors, component)


def _dimensions(points: np.ndarray) -> int:
    """Directions in which (n, d) points vary."""
    spread = np.atleast_2d(np.cov(points.T))
    return int(np.linalg.matrix_rank(spread, rtol=FLAT, hermitian=True))
