"""Latents from a Gaussian mixture, which keeps no training row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from ck4gen.constraints import AtLeast, Positive, check_fields
from ck4gen.data.drawn_rows import drawn_rows
from ck4gen.methods.ck4gen.latents import FittedLatents, Latents

if TYPE_CHECKING:
    from torch import Tensor

FEWEST_DIMENSIONS = 2


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
        most_rows: Of more training rows, so many are drawn at random.

    Raises:
        InputError: A value is wrong.
    """

    components: Positive
    rows_per_dimension: Annotated[float, AtLeast(1)]
    most_rows: Positive

    uses_rows: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields("method.latents", self)

    def fit(self, latent: Tensor, weight: Tensor, noise: float, seed: int) -> FittedLatents:
        """Fit the mixture, and add the decoder's noise to every component."""
        # scikit-learn and torch, which take seconds: a wrong key is refused without them
        from ck4gen.methods.ck4gen.fitted_mixture import GaussianMixtureLatents
        from ck4gen.methods.ck4gen.weighted_mixture import best_mixture, dimensions

        rows = drawn_rows(len(latent), self.most_rows, seed)
        points, counts = latent[rows].double().numpy(), weight[rows].double().numpy()
        needed = self.rows_per_dimension * max(dimensions(points), FEWEST_DIMENSIONS)
        mixture = best_mixture(points, counts, self.components, needed, seed)
        return GaussianMixtureLatents.of(mixture, noise)

    def fewest_patients(self, width: int) -> float:
        """Rows behind a component."""
        return self.rows_per_dimension * FEWEST_DIMENSIONS
