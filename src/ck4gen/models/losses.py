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
    numerics = [start for start, _, numeric in groups if numeric]
    binaries = [start for start, stop, numeric in groups if not numeric and stop - start == 1]
    error = (logits[:, numerics].sigmoid() - record[:, numerics]).square() / variance[numerics]
    entropy = F.binary_cross_entropy_with_logits(
        logits[:, binaries], record[:, binaries], reduction="none"
    )
    categories = [
        F.cross_entropy(logits[:, start:stop], record[:, start:stop], reduction="none")[:, None]
        for start, stop, _ in groups
        if stop - start > 1
    ]
    losses = torch.cat([error, entropy, *categories], 1)  # blocks: a wide table has thousands
    return (weight[:, None] * losses).mean()
