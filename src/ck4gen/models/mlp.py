"""The fully connected stack that encoder and decoder share."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from ck4gen.models.settings import ACTIVATIONS


def mlp(n_in: int, hidden: list[int], n_out: int, activation: str) -> nn.Sequential:
    """(b, n_in) -> (b, n_out): hidden layers with ``activation``, then a linear layer."""
    layer = getattr(nn, ACTIVATIONS[activation])
    widths = [n_in, *hidden]
    layers: list[nn.Module] = []
    for left, right in pairwise(widths):
        layers += [nn.Linear(left, right), layer()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], n_out))
