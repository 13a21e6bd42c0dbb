"""Records of mixed type: relaxed draws of their binary and categorical columns."""

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
    uniform = uniform.clamp(torch.finfo(uniform.dtype).tiny, 1 - torch.finfo(uniform.dtype).eps)
    if logits.shape[1] == 1:
        soft = ((logits + uniform.logit()) / temperature).sigmoid()
        hard = (soft >= 0.5).to(soft.dtype)
    else:
        soft = ((logits - (-uniform.log()).log()) / temperature).softmax(1)
        hard = F.one_hot(soft.argmax(1), soft.shape[1]).to(soft.dtype)
    return hard + soft - soft.detach()
