"""Losses as pure functions."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def distillation_loss(student: Tensor, teacher: Tensor, variance: Tensor, weight: Tensor) -> Tensor:
    """Mean squared difference of log(-log S(t|x)) in units of the teacher's variance.

    Our choice: cross-entropy on S(t|x) loses its gradient where events are few and survival
    stays near 1; on this scale the teacher's targets are its linear predictors plus a curve, and
    the loss is the share of their variance that the student misses, at any event rate.

    Args:
        student: (b, m) log(-log S) at the knots.
        teacher: (b, m) the teacher's.
        variance: () variance of the teacher's linear predictor over the training rows.
        weight: (b,) weights of the rows.
    """
    return (weight * (student - teacher).square().mean(1)).mean() / variance


def reconstruction_loss(
    logits: Tensor, record: Tensor, groups: list[list[int]], variance: Tensor, weight: Tensor
) -> Tensor:
    """Mean over columns of each column's own loss, our choice.

    Numerics: squared error over the column's variance in the record. Binaries and categories:
    cross-entropy.

    Args:
        logits: (b, q) SynthNet output before sigmoid and softmax.
        record: (b, q) targets in [0, 1].
        groups: Per column ``[start, stop, numeric]``.
        variance: (q,) variance of the record over the training rows.
        weight: (b,) weights of the rows.
    """
    losses = []
    for start, stop, numeric in groups:
        output, target = logits[:, start:stop], record[:, start:stop]
        if numeric:
            loss = (output.sigmoid() - target).square()[:, 0] / variance[start]
        elif stop - start == 1:
            loss = F.binary_cross_entropy_with_logits(output, target, reduction="none")[:, 0]
        else:
            loss = F.cross_entropy(output, target, reduction="none")
        losses.append((weight * loss).mean())
    return torch.stack(losses).mean()
