"""Errors of a table as a function of noise, by way of its design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class DesignErrors:
    """Noise -> errors of each condition, with gradient; both steps can be had alone.

    Attributes:
        design: (m, k) noise -> (m, p) what the errors are of, with a gradient of each row by its
            own noise: the standardised design of a table, or the weights of its rows.
        of_design: (m, p) design -> errors of each condition, in standard errors.
    """

    design: Callable[[Tensor], Tensor]
    of_design: Callable[[Tensor], dict[str, Tensor]]

    def __call__(self, noise: Tensor) -> dict[str, Tensor]:
        """The errors of (m, k) noise."""
        return self.of_design(self.design(noise))


def gradients(values: Sequence[Tensor], design: Tensor, noise: Tensor) -> Tensor:
    """What each of some numbers changes by with the noise.

    Nearly all of the time goes into the way from the design back to the noise. Where there are more
    numbers than columns, it is gone once for each column instead: since a row hangs on its own
    noise alone, the slopes of all rows of a column are had at once, and those of a number follow.

    Args:
        values: c numbers, functions of the design.
        design: (m, p) design, a function of the noise row by row.
        noise: (m, k) noise, with gradient.

    Returns:
        (c, m, k) float64; 0 where a number does not answer.
    """
    by_design = slopes(values, design)
    if len(values) <= design.shape[1]:
        return torch.stack([_gradient(design, noise, slope).double() for slope in by_design])
    columns = [_gradient(column.sum(), noise).double() for column in design.unbind(1)]
    return torch.einsum("cmp,pmk->cmk", by_design, torch.stack(columns))


def slopes(values: Sequence[Tensor], design: Tensor) -> Tensor:
    """(c, m, p) float64, what each of c numbers changes by with the (m, p) design.

    Each by itself: the gradient of a part of a vector runs through all conditions.
    """
    return torch.stack([_gradient(value, design).double() for value in values])


def _gradient(value: Tensor, by: Tensor, slope: Tensor | None = None) -> Tensor:
    """Gradient of a tensor, weighted by ``slope``; 0 where it does not hang on ``by``."""
    if not value.requires_grad:
        return torch.zeros_like(by)
    outer = None if slope is None else slope.to(value)
    (gradient,) = torch.autograd.grad(value, by, outer, retain_graph=True, materialize_grads=True)
    return gradient
