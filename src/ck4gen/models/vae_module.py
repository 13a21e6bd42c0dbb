"""A variational autoencoder of mixed records (Kingma and Welling 2014)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from pytorch_lightning import LightningModule
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from ck4gen.data.processes import noise_like
from ck4gen.models.mlp import mlp
from ck4gen.models.optimisation import adam_with_cosine
from ck4gen.models.record_draws import draw_record
from ck4gen.models.settings import VAESettings
from ck4gen.models.training_rows import training_rows


class VAEModule(LightningModule):
    """Encoder and decoder of a record, with a likelihood for every type of column.

    A numeric in [0, 1] is modelled as the normal quantile of itself with a Gaussian whose SD is
    learnt per column (as in Rybkin, Daniilidis and Levine 2021), binaries and categories with
    Bernoulli and categorical likelihoods. Records are sampled from these likelihoods: their means
    alone would spread too little. Latents come from a Gaussian with the mean and covariance of
    the training rows' posteriors (Ghosh et al. 2020), which mends a KL weight below 1.

    Args:
        settings: :class:`VAESettings` as a plain dict.
        groups: Per column ``[start, stop, numeric]`` in the record.
        condition: Width of what encoder and decoder are told beside, may be 0.
        margin: Distance that numerics keep from 0 and 1.
    """

    def __init__(
        self, settings: dict, groups: list[list[int]], condition: int, margin: float
    ) -> None:
        super().__init__()
        self.save_hyperparameters(logger=False)
        self.settings = s = VAESettings(**settings)
        self.groups, self.margin, width = groups, margin, groups[-1][1]
        self.encoder = mlp(width + condition, s.hidden, 2 * s.latent, s.activation)
        self.decoder = mlp(s.latent + condition, s.hidden, width, s.activation)
        self.log_sd = nn.Parameter(torch.zeros(width))
        self.register_buffer("latent_mean", torch.zeros(s.latent))
        self.register_buffer("latent_factor", torch.eye(s.latent))

    def normal(self, record: Tensor) -> Tensor:
        """(b, q) record with its numerics as normal quantiles."""
        parts = [
            torch.special.ndtri(record[:, start:stop].clamp(self.margin, 1 - self.margin))
            if numeric
            else record[:, start:stop]
            for start, stop, numeric in self.groups
        ]
        return torch.cat(parts, 1)

    def posterior(self, record: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """(b, q) and (b, c) -> mean and log variance of the latent, (b, d) each."""
        mean, log_variance = self.encoder(torch.cat([record, condition], 1)).chunk(2, 1)
        return mean, log_variance

    def log_likelihood(self, output: Tensor, record: Tensor) -> Tensor:
        """(b, q) decoder output and record -> (b,) sum over columns, up to a constant."""
        total = output.new_zeros(len(output))
        for start, stop, numeric in self.groups:
            guess, target, log_sd = output[:, start:stop], record[:, start:stop], self.log_sd[start]
            if numeric:
                error = (guess - target)[:, 0] / log_sd.exp()
                total = total - error.square() / 2 - log_sd
            elif stop - start == 1:
                bernoulli = F.binary_cross_entropy_with_logits(guess, target, reduction="none")
                total = total - bernoulli[:, 0]
            else:
                total = total - F.cross_entropy(guess, target, reduction="none")
        return total

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Negative evidence lower bound with a weighted KL divergence."""
        record, condition = self.normal(batch["record"]), batch["condition"]
        mean, log_variance = self.posterior(record, condition)
        latent = mean + (log_variance / 2).exp() * noise_like(mean)
        output = self.decoder(torch.cat([latent, condition], 1))
        kl = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        self.kl = kl.mean().detach()
        likelihood = self.log_likelihood(output, record)
        loss = (self.settings.kl_weight * kl - likelihood).mean()
        self.loss = loss.detach()
        return loss

    def on_train_epoch_end(self) -> None:
        """Log the loss and the KL divergence in it."""
        self.log_dict({"vae/loss": self.loss, "vae/kl": self.kl})

    def on_train_end(self) -> None:
        """Take the moments of the latent from the training rows."""
        record, condition = (training_rows(self, name) for name in ("record", "condition"))
        with torch.no_grad():
            mean, log_variance = self.posterior(self.normal(record), condition)
        within = log_variance.exp().mean(0).diag()
        self.latent_mean = mean.mean(0)
        self.latent_factor = torch.linalg.cholesky(mean.T.cov(correction=0) + within)

    @torch.no_grad()
    def sample(self, condition: Tensor, generator: torch.Generator) -> Tensor:
        """(n, c) condition -> (n, q) record in [0, 1] with whole categories."""
        rows, width = len(condition), self.groups[-1][1]
        noise = torch.randn(rows, self.settings.latent, generator=generator).to(self.device)
        uniform = torch.rand(rows, width, generator=generator).to(self.device)
        return self._draw(condition, noise, uniform)

    @property
    def noise_width(self) -> int:
        """Width of the noise of :meth:`decode`."""
        return self.settings.latent + self.groups[-1][1]

    def decode(self, condition: Tensor, noise: Tensor) -> Tensor:
        """(n, c) condition and (n, d + q) standard normal noise -> (n, q) record, with gradient."""
        latent, scores = noise.split([self.settings.latent, self.groups[-1][1]], 1)
        return self._draw(condition, latent, torch.special.ndtr(scores))

    def _draw(self, condition: Tensor, noise: Tensor, uniform: Tensor) -> Tensor:
        latent = self.latent_mean + noise @ self.latent_factor.T
        output = self.decoder(torch.cat([latent, condition], 1))
        return draw_record(output, self.log_sd, uniform, self.groups, temperature=1.0)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Adam with a cosine decay to zero."""
        return adam_with_cosine(self.parameters(), self.settings.learning_rate, self.settings.steps)
