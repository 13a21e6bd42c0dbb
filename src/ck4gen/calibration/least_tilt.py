"""The least tilt of a law for which linear conditions hold within their scales."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

ROUNDS = 60  # of the weights of the conditions, at most
FASTEST = 5.0  # most that a round takes a condition to be off
POWER = 1.5  # of how far it is off: 1 is right where its weight decides, and slow elsewhere
CLOSE = 0.001  # to the aims, and to the least divergence
STIFF = 1e10  # most that a weight times its place in the gram may be: beyond, digits are lost
FAR = 0.1  # beyond an aim after all rounds, which is out of reach


class Tilt(NamedTuple):
    """A tilt of a law.

    Attributes:
        multipliers: (k,) what each error's slopes are multiplied by.
        unreached: Place of the condition that keeps the others from being met, if one does.
    """

    multipliers: Tensor
    unreached: int | None


def least_tilt(error: Tensor, gram: Tensor, sizes: list[int], aims: Tensor, most: float) -> Tilt:
    """Multipliers m of least m'Gm for which no condition of ``error + Gm`` is beyond its aim.

    Of all laws near one, m'Gm / 2 is the Kullback-Leibler divergence from it of the law that
    exp(m'slopes) tilts. Each condition weighs as much as brings its root mean square to the aim:
    the weights are multiplied by how far it is off (our choice), between ridge regressions, until
    the duality gap is closed. Where a part of the errors is out of reach, weights grow without end,
    and mostly the divergence, too: then the condition with the largest part in the gap is named.

    Args:
        error: (k,) errors without a tilt, those of each condition side by side.
        gram: (k, k) what each multiplier adds to each error.
        sizes: Errors of each condition, c of them.
        aims: (c,) root mean square aimed at.
        most: Divergence beyond which no tilt is looked for.
    """
    count = torch.tensor(sizes)
    group = torch.repeat_interleave(torch.arange(len(sizes)), count)
    weight = 1 / (aims.square() * count * gram.diagonal().mean())
    for _ in range(ROUNDS):
        multipliers = _ridge(error, gram, weight[group])
        moved = gram @ multipliers
        squares = torch.zeros_like(aims).index_add(0, group, (error + moved).square())
        off = (squares / count).sqrt() / aims
        divergence = multipliers @ moved / 2
        gaps = weight * (squares - count * aims.square()) / 2
        if divergence > most or (weight[group] * gram.diagonal()).max() > STIFF:
            return Tilt(multipliers, int(gaps.argmax()))
        if off.max() <= 1 + CLOSE and gaps.sum().abs() <= CLOSE * divergence:
            return Tilt(multipliers, None)
        weight = weight * off.clamp(1 / FASTEST, FASTEST) ** POWER
    return Tilt(multipliers, int(gaps.argmax()) if off.max() > 1 + FAR else None)


def _ridge(error: Tensor, gram: Tensor, weight: Tensor) -> Tensor:
    """(k,) multipliers m of least m'Gm + (error + Gm)' diag(weight) (error + Gm)."""
    root = weight.sqrt()
    inner = root[:, None] * gram * root
    inner.diagonal().add_(1)
    right = (root * error)[:, None]
    return -root * torch.cholesky_solve(right, torch.linalg.cholesky(inner))[:, 0]
