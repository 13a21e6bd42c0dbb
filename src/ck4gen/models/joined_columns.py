"""Columns side by side, of which only those with a gradient have work to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def joined(columns: Sequence[Tensor]) -> Tensor:
    """(n, k_1), (n, k_2), ... -> (n, k_1 + k_2 + ...), as ``torch.cat`` of columns.

    The gradient of a single column has zeros for all others, and torch.cat would send them through
    all networks that the others came from; here they have none.
    """
    made = _Joined.apply(*columns)
    assert isinstance(made, Tensor)
    return made


class _Joined(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *columns: Tensor) -> Tensor:
        ctx.widths = [column.shape[1] for column in columns]
        return torch.cat(columns, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        parts = gradient.split(ctx.widths, 1)
        return tuple(part if part.any() else None for part in parts)
