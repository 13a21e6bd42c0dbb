"""Deep Cox Mixture (Nagpal et al. 2021): the student, and the encoder of CK4Gen."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ck4gen.models.mlp import mlp


class DCM(nn.Module):
    """Mixture of K Cox models over a shared embedding (paper, figure 1e).

    S(t|x) = sum_k pi_k(x) S0_k(t)^exp(f_k(x)), with -log S0_k piecewise linear between knots and
    increasing by construction. The embedding is the latent that SynthNet decodes.

    Args:
        n_features: Terms p of the standardised Cox design.
        hidden: Widths of the hidden layers (three in the paper).
        latent: Width of the embedding; 0 puts gates and hazards on the input itself, so that
            K = 1 is a Cox model.
        components: Mixture components K.
        gamma: Log hazards f_k are clamped to +-gamma.
        activation: Activation of the hidden layers.
        log_increments: (m,) log increments of the cumulative baseline hazard over the m
            intervals, from which all components start (our choice: the teacher's).
    """

    def __init__(
        self,
        n_features: int,
        hidden: list[int],
        latent: int,
        components: int,
        gamma: float,
        activation: str,
        log_increments: list[float],
    ) -> None:
        super().__init__()
        self.gamma = gamma
        width = latent or n_features
        self.embedding = mlp(n_features, hidden, latent, activation) if latent else nn.Identity()
        self.gate = nn.Linear(width, components)
        self.hazard = nn.Linear(width, components, bias=False)  # the baseline holds the level
        start = torch.tensor(log_increments, dtype=torch.float32)
        self.log_increments = nn.Parameter(start.repeat(components, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(b, p) -> log gates (b, K) and log hazards (b, K)."""
        embedding = self.embedding(x)
        log_hazards = self.hazard(embedding).clamp(-self.gamma, self.gamma)
        return self.gate(embedding).log_softmax(-1), log_hazards

    def cumulative_hazards(self, log_hazards: Tensor) -> Tensor:
        """(b, K) log hazards -> (b, K, m) cumulative hazards of each component at the knots."""
        baseline = self.log_increments.exp().cumsum(-1)  # (K, m)
        return log_hazards.exp()[:, :, None] * baseline

    def log_minus_log_survival(self, x: Tensor) -> Tensor:
        """(b, p) -> (b, m) log(-log S(t|x)) of the mixture at the knots."""
        log_gates, log_hazards = self(x)
        cumulative = self.cumulative_hazards(log_hazards)
        return minus_log_survival(log_gates[:, :, None], cumulative).log()

    def log_likelihood(self, x: Tensor, interval: Tensor, share: Tensor, event: Tensor) -> Tensor:
        """Censored log-likelihood of each row, densities per unit of interval length.

        Args:
            x: (b, p) standardised design.
            interval: (b,) index of the interval that holds the row's time.
            share: (b,) share of that interval that lies before the time, in [0, 1].
            event: (b,) 1 = event, 0 = censored.

        Returns:
            (b,) log f(t|x) for events, log S(t|x) for censored rows.
        """
        log_gates, log_hazards = self(x)
        increments = self.log_increments.exp()
        before = increments.cumsum(-1) - increments  # (K, m), at each interval's start
        baseline = before.T[interval] + share[:, None] * increments.T[interval]  # (b, K)
        cumulative = log_hazards.exp() * baseline
        log_survival = -minus_log_survival(log_gates, cumulative, dim=1)
        log_rate = self.log_increments.T[interval] + log_hazards
        log_density = (log_gates + log_rate - cumulative).logsumexp(1)
        return torch.where(event > 0, log_density, log_survival)


def minus_log_survival(log_gates: Tensor, cumulative: Tensor, dim: int = 1) -> Tensor:
    """-log sum_k pi_k exp(-H_k), without cancellation where survival is near 1.

    Args:
        log_gates: Log mixture weights, broadcastable to ``cumulative``.
        cumulative: Component cumulative hazards H_k >= 0.
        dim: The dimension of the components, summed out.
    """
    risk = (log_gates.exp() * -torch.expm1(-cumulative)).sum(dim)
    near_one = -torch.log1p(-risk.clamp(max=0.5))
    far = -(log_gates - cumulative).logsumexp(dim)
    return torch.where(risk < 0.5, near_one, far).clamp_min(torch.finfo(risk.dtype).tiny)
