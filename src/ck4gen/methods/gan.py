"""Baseline: a conditional Wasserstein GAN of whole records, in the way of SurvivalGAN."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ck4gen.methods.neural_baseline import NeuralBaseline
from ck4gen.models.settings import GANSettings

if TYPE_CHECKING:
    from ck4gen.models.gan_module import GANModule


class GAN(NeuralBaseline):
    """Mixed-type Wasserstein GAN given the event; see :class:`NeuralBaseline` for arguments."""

    name = "gan"
    settings_class = GANSettings
    event_given = True

    def _module(self, groups: list[list[int]], condition: int, rows: int) -> GANModule:
        from ck4gen.models.gan_module import GANModule  # Lightning, which takes seconds

        return GANModule(asdict(self.settings), groups, condition)

    def _optimiser_steps(self) -> int:
        """Those of the generator and of the critic."""
        return self.settings.steps * (1 + self.settings.critic_steps)
