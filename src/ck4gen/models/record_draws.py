"""Records of mixed type drawn from what a decoder says of each column."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def draw_discrete(logits: Tensor, uniform: Tensor, temperature: float) -> Tensor:
    """Draw one binary or categorical column; gradients are those of a relaxed draw.

    Straight-through Gumbel-softmax (Jang, Gu and Poole 2017), a single logit being a Bernoulli.

    Args:
        logits: (b, k) of the k levels; (b, 1) of a binary.
        uniform: (b, k) uniform noise in (0, 1).
        temperature: Of the relaxation; the draw itself does not depend on it.

    Returns:
        (b, k) one-hot rows, or (b, 1) of 0 and 1.
    """
    if logits.shape[1] == 1:
        soft = ((logits + uniform.logit()) / temperature).sigmoid()
        hard = (soft >= 0.5).to(soft.dtype)
    else:
        soft = ((logits - (-uniform.log()).log()) / temperature).softmax(1)
        hard = F.one_hot(soft.argmax(1), soft.shape[1]).to(soft.dtype)
    return hard + (soft - soft.detach())


def draw_record(
    output: Tensor,
    log_sd: Tensor,
    uniform: Tensor,
    groups: list[list[int]],
    temperature: float,
) -> Tensor:
    """Draw every column of a record, numerics as normal quantiles with their own noise.

    Args:
        output: (b, q) mean of each numeric's normal quantile, logits of the other columns.
        log_sd: (q,) log SD of the numerics' noise; the other entries are not used.
        uniform: (b, q) uniform noise in (0, 1).
        groups: Per column ``[start, stop, numeric]``.
        temperature: See :func:`draw_discrete`.

    Returns:
        (b, q) record in [0, 1] with whole categories.
    """
    eps = torch.finfo(uniform.dtype).eps
    uniform = uniform.clamp(eps, 1 - eps)
    parts = []
    for start, stop, numeric in groups:
        guess, noise = output[:, start:stop], uniform[:, start:stop]
        if numeric:
            spread = log_sd[start].exp() * torch.special.ndtri(noise)
            parts.append(torch.special.ndtr(guess + spread))
        else:
            parts.append(draw_discrete(guess, noise, temperature))
    return torch.cat(parts, 1)
