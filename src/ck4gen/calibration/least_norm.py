"""The least move of the noise for which equations hold, to first order."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ck4gen.calibration.design_errors import gradients

RIDGE = 1e-3  # share of its own gradient's square added to each equation: nearly parallel ones
SHORTEST = 0.5  # a step goes from here to all of the way
GOLDEN = 0.618034  # its multiples spread evenly over 0 to 1, and never repeat


def least_norm_step(
    noise: Tensor, design: Tensor, equations: Sequence[Tensor], step: int, furthest: float
) -> Tensor:
    """Where the noise goes so that every equation holds.

    Of all moves d with g_c'd = -v_c for each equation c, v_c its value and g_c its gradient, the
    one of least squared length: d = -A'(AA')^-1 v, rows of A the gradients (a projection, as in
    Kaczmarz 1937 for one equation at a time). An entry of the noise that hardly matters to the
    equations hardly moves, where Adam moves it as far as others. A 0/1 column answers to a move in
    jumps only, so rows could turn there and back for ever: steps have different lengths (our
    choice).

    Args:
        noise: (n, k) noise, with gradient.
        design: (n, p) design, a function of the noise row by row.
        equations: Numbers that are to be 0, functions of the design.
        step: Number of the step, from which its length follows.
        furthest: How far one entry goes at most, in SDs.

    Returns:
        (n, k) noise after the step, without gradient; as it was where no equation answers to it.
    """
    rows = gradients(equations, design, noise).flatten(1)
    answering = rows.any(1)
    if not answering.any():
        return noise.detach()
    rows = rows[answering]
    values = torch.stack(list(equations)).detach().double()[answering]
    squares = rows @ rows.T
    squares = squares + RIDGE * squares.diagonal().diag()
    multipliers = torch.linalg.solve(squares, values)
    length = SHORTEST + (1 - SHORTEST) * (GOLDEN * step % 1)
    move = length * (multipliers @ rows).reshape(noise.shape)
    return noise.detach() - move.clamp(-furthest, furthest).to(noise.dtype)
