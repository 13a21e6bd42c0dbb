"""A Wasserstein GAN of mixed records with a gradient penalty (Gulrajani et al. 2017)."""

from __future__ import annotations

from copy import deepcopy
from typing import cast

import torch
from pytorch_lightning import LightningModule
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor, nn

from ck4gen.models.mlp import mlp
from ck4gen.models.record_draws import draw_record
from ck4gen.models.settings import GANSettings


class Generator(nn.Module):
    """Maps noise and condition to what :func:`draw_record` needs."""

    def __init__(self, n_in: int, hidden: list[int], width: int, activation: str) -> None:
        super().__init__()
        self.layers = mlp(n_in, hidden, width, activation)
        self.log_sd = nn.Parameter(torch.zeros(width))


class GANModule(LightningModule):
    """Generator and critic of a record, both told the condition.

    The generator ends in :func:`draw_record`: numerics with their own Gaussian noise, binaries
    and categories as straight-through Gumbel-softmax draws. Samples come from a running mean of
    its weights, which smooths what a critic of few rows makes it do from step to step (Yazici et
    al. 2019).

    Args:
        settings: :class:`GANSettings` as a plain dict.
        groups: Per column ``[start, stop, numeric]`` in the record.
        condition: Width of the condition.
    """

    def __init__(self, settings: dict, groups: list[list[int]], condition: int) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        self.automatic_optimization = False
        self.settings = s = GANSettings(**settings)
        self.groups, width = groups, groups[-1][1]
        self.generator = Generator(s.latent + condition, s.generator, width, s.activation)
        self.critic = mlp(width + condition, s.critic, 1, s.activation)
        self.mean_generator = deepcopy(self.generator).requires_grad_(False)

    def draw(self, generator: Generator, condition: Tensor, noise: Tensor) -> Tensor:
        """(b, c) condition and (b, d + q) uniform noise -> (b, q) record."""
        normal, uniform = noise.split([self.settings.latent, self.groups[-1][1]], 1)
        eps = torch.finfo(noise.dtype).eps
        latent = torch.special.ndtri(normal.clamp(eps, 1 - eps))
        output = generator.layers(torch.cat([latent, condition], 1))
        return draw_record(
            output, generator.log_sd, uniform, self.groups, self.settings.temperature
        )

    def noise(self, rows: int, generator: torch.Generator | None = None) -> Tensor:
        """(rows, d + q) uniform noise, from the CPU's ``generator`` if there is one."""
        if generator is None:
            return torch.rand(rows, self.noise_width, device=self.device)
        return torch.rand(rows, self.noise_width, generator=generator).to(self.device)

    @property
    def noise_width(self) -> int:
        """Width of the noise of a record."""
        return self.settings.latent + self.groups[-1][1]

    def critic_loss(self, record: Tensor, fake: Tensor, condition: Tensor) -> Tensor:
        """Mean score of the fakes minus that of the records, with the gradient penalty."""
        share = torch.rand(len(record), 1, device=self.device)
        between = (share * record + (1 - share) * fake).requires_grad_()
        scores = [self.critic(torch.cat([r, condition], 1)) for r in (record, fake, between)]
        (slope,) = torch.autograd.grad(scores[2].sum(), between, create_graph=True)
        penalty = (slope.norm(dim=1) - 1).square().mean()
        return scores[1].mean() - scores[0].mean() + self.settings.penalty * penalty

    def training_step(self, batch: dict[str, Tensor], _: int) -> None:
        """A step of the critic; after every ``critic_steps`` of them one of the generator."""
        record, condition = batch["record"], batch["condition"]
        critic, generator = cast(list[LightningOptimizer], self.optimizers())
        with torch.no_grad():
            fake = self.draw(self.generator, condition, self.noise(len(record)))
        self.loss = self._step(critic, self.critic_loss(record, fake, condition))
        self.turn += 1
        if self.turn % self.settings.critic_steps == 0:
            self.critic.requires_grad_(False)
            fake = self.draw(self.generator, condition, self.noise(len(record)))
            score = self.critic(torch.cat([fake, condition], 1))
            self.score = self._step(generator, -score.mean())
            self.critic.requires_grad_(True)
            self._average()

    def _step(self, optimizer: LightningOptimizer, loss: Tensor) -> Tensor:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
        return loss.detach()

    def _average(self) -> None:
        """Move the running mean towards the generator; a plain mean of the steps at first."""
        step = self.turn // self.settings.critic_steps
        share = max(1 - self.settings.averaging, 1 / step)
        pairs = zip(self.mean_generator.parameters(), self.generator.parameters(), strict=True)
        for mean, weight in pairs:
            mean.lerp_(weight.detach(), share)

    def on_fit_start(self) -> None:
        """Count the critic's steps from zero."""
        self.turn, self.score = 0, torch.zeros((), device=self.device)

    def on_train_epoch_end(self) -> None:
        """Log both losses."""
        self.log_dict({"gan/critic": self.loss, "gan/generator": self.score})

    @torch.no_grad()
    def sample(self, condition: Tensor, generator: torch.Generator) -> Tensor:
        """(n, c) condition -> (n, q) record in [0, 1] with whole categories."""
        return self.draw(self.mean_generator, condition, self.noise(len(condition), generator))

    def decode(self, condition: Tensor, noise: Tensor) -> Tensor:
        """(n, c) condition and (n, d + q) standard normal noise -> (n, q) record, with gradient."""
        return self.draw(self.mean_generator, condition, torch.special.ndtr(noise))

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam for the critic and for the generator."""
        betas = (self.settings.momentum, self.settings.decay)
        return [
            torch.optim.Adam(network.parameters(), self.settings.learning_rate, betas)
            for network in (self.critic, self.generator)
        ]
