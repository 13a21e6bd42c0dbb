"""Baseline: a variational autoencoder of whole records, in the way of SurVAE."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ck4gen.methods.neural_baseline import NeuralBaseline
from ck4gen.models.settings import VAESettings

if TYPE_CHECKING:
    from ck4gen.models.vae_module import VAEModule


class VAE(NeuralBaseline):
    """Mixed-type variational autoencoder; see :class:`NeuralBaseline` for its arguments."""

    name = "vae"
    settings_class = VAESettings
    event_given = False

    def _module(self, groups: list[list[int]], condition: int, rows: int) -> VAEModule:
        from ck4gen.models.vae_module import VAEModule  # Lightning, which takes seconds

        margin = 0.5 / rows  # the lowest and highest of the training rows, as quantiles
        return VAEModule(asdict(self.settings), groups, condition, margin)
