"""A Gaussian mixture of latents, and the places of synthetic rows in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ck4gen.methods.ck4gen.latents import FittedLatents
from ck4gen.methods.ck4gen.placement import Placement
from ck4gen.methods.ck4gen.weighted_mixture import WeightedMixture
from ck4gen.methods.draw import Draw


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

    @classmethod
    def of(cls, mixture: WeightedMixture, noise: float) -> GaussianMixtureLatents:
        """A mixture with noise of this SD added to every component."""
        covariance = mixture.covariances_ + noise**2 * np.eye(mixture.means_.shape[1])
        return cls(
            mixture.weights_,
            torch.from_numpy(mixture.means_).float(),
            torch.from_numpy(np.linalg.cholesky(covariance)).float(),
        )

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
