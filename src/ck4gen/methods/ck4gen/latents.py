"""Where latents come from: real rows with noise, or a density that needs no row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch import Tensor


@dataclass(frozen=True)
class Place:
    """A Gaussian for each synthetic row, of which standard normal noise is a draw.

    Attributes:
        centre: (n, d) means.
        factor: (k, d, d) Cholesky factors.
        which: (n,) the factor of each row.
    """

    centre: Tensor
    factor: Tensor
    which: Tensor

    def __call__(self, noise: Tensor) -> Tensor:
        """(n, d) noise -> (n, d) latents, differentiable."""
        moved = torch.stack([noise @ factor.T for factor in self.factor])
        return self.centre + moved[self.which, torch.arange(len(noise))]


class ReconstructedLatents:
    """The latent of a training row, and noise around it.

    Args:
        latent: (n, d) latents of the training rows.
        noise: SD of the noise.
    """

    def __init__(self, latent: Tensor, noise: float) -> None:
        self.latent, self.noise = latent, noise

    def place(self, n: int, source: np.ndarray, seed: int) -> Place:
        """Around the row behind each synthetic row."""
        factor = self.noise * torch.eye(self.latent.shape[1])
        return Place(self.latent[torch.from_numpy(source)], factor[None], torch.zeros(n).long())


class GaussianMixtureLatents:
    """A Gaussian mixture of the training rows' latents, our choice; no row is kept.

    Each component holds a weight, a mean and a covariance of many patients, as a published
    table of subgroup means would. The number of components is chosen by BIC among mixtures whose
    every component holds at least ``min_rows`` rows a dimension; a single one always may.

    Args:
        latent: (n, d) latents of the training rows.
        noise: SD of the noise that the decoder was trained on, added to every component.
        components: Most components.
        min_rows: Training rows per dimension that a component needs.
        seed: Seed of the fit.
    """

    def __init__(
        self, latent: Tensor, noise: float, components: int, min_rows: float, seed: int
    ) -> None:
        rows, width = latent.shape
        points, most = latent.double().numpy(), max(1, int(rows / (min_rows * width)))
        fits = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # BIC judges what it found
            for count in range(1, min(components, most) + 1):
                mixture = GaussianMixture(count, reg_covar=1e-6, random_state=seed).fit(points)
                if count == 1 or mixture.weights_.min() * rows >= min_rows * width:
                    fits.append(mixture)
        best = min(fits, key=lambda fit: fit.bic(points))
        covariance = best.covariances_ + noise**2 * np.eye(width)
        self.weights = best.weights_
        self.means = torch.from_numpy(best.means_).float()
        self.factors = torch.from_numpy(np.linalg.cholesky(covariance)).float()

    def state(self) -> dict:
        """What a shared sampler holds of it."""
        weights = torch.from_numpy(self.weights)
        return {"weights": weights, "means": self.means, "factors": self.factors}

    @classmethod
    def from_state(cls, state: dict) -> GaussianMixtureLatents:
        """The density of :meth:`state`."""
        density = cls.__new__(cls)
        density.weights = state["weights"].numpy()
        density.means, density.factors = state["means"], state["factors"]
        return density

    def place(self, n: int, source: None, seed: int) -> Place:
        """A component for each row, each as often as its weight says, to the nearest row."""
        generator = np.random.default_rng(seed)
        uniform = (np.arange(n) + generator.uniform()) / n
        which = np.searchsorted(self.weights.cumsum()[:-1], generator.permutation(uniform))
        at = torch.from_numpy(which)
        return Place(self.means[at], self.factors, at)
