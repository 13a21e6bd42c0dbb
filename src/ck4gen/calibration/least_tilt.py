"""The least tilt of a law for which linear conditions hold within their scales."""

from __future__ import annotations

import torch
from torch import Tensor

ROUNDS = 40  # of the weights of the conditions
FASTEST = 5.0  # most that a round changes a root of a weight


def least_tilt(error: Tensor, gram: Tensor, sizes: list[int], aims: Tensor) -> Tensor:
    """Multipliers m of least m'Gm for which no condition of ``error + Gm`` is beyond its aim.

    Of all laws near one, m'Gm / 2 is the Kullback-Leibler divergence from it of the law that
    exp(m'slopes) tilts. Each condition weighs as much as brings its root mean square to the aim:
    the weights are multiplied by how far it is off (our choice), between ridge regressions.

    Args:
        error: (k,) errors without a tilt, those of each condition side by side.
        gram: (k, k) what each multiplier adds to each error.
        sizes: Errors of each condition, c of them.
        aims: (c,) root mean square aimed at.

    Returns:
        (k,) multipliers.
    """
    group = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    unit = torch.eye(len(error), dtype=error.dtype)
    weight = 1 / (aims.square() * torch.tensor(sizes) * gram.diagonal().mean())
    for _ in range(ROUNDS):
        each = weight[group]
        multipliers = torch.linalg.solve(unit + each[:, None] * gram, -each * error)
        left = error + gram @ multipliers
        squares = torch.zeros_like(aims).index_add(0, group, left.square())
        off = (squares / torch.tensor(sizes)).sqrt() / aims
        weight = weight * off.clamp(1 / FASTEST, FASTEST)
    return multipliers
