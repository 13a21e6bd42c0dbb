"""Muon: momentum, made orthogonal for each weight matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

MOMENTUM = 0.9  # of gradients, as Adam has it
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan's polynomial: singular values end in 0.7 to 1.2
ITERATIONS = 5
LEAST_NORM = 1e-30  # a gradient of zero stays zero


class Muon(Optimizer):
    """Steepest descent in the spectral norm (Jordan et al. 2024; Bernstein and Newhouse 2024).

    Every weight matrix moves along its momentum with all singular values set to about one, and
    every vector along its own divided by its length, so that one learning rate serves all of them:
    the length of a step, in singular values of a layer. ``torch.optim.Muon`` takes no vectors, and
    multiplies in bfloat16, which takes a CPU 3 to 9 times as long.

    Args:
        parameters: Matrices and vectors.
        lr: Length of a step; a matrix of more rows than columns takes a longer one, by the root of
            their ratio.
    """

    def __init__(self, parameters: Iterable[Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step; matrices of one shape are made orthogonal together."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    pair = parameter, self._ahead(parameter, parameter.grad)
                    by_shape.setdefault(tuple(parameter.shape), []).append(pair)
            for shape, pairs in by_shape.items():
                ahead = torch.stack([moving for _, moving in pairs])
                if len(shape) < 2:
                    direction = ahead / ahead.norm(dim=-1, keepdim=True).clamp_min(LEAST_NORM)
                else:
                    direction = orthogonal(ahead) * max(1, shape[-2] / shape[-1]) ** 0.5
                for (parameter, _), way in zip(pairs, direction, strict=True):
                    parameter.add_(way, alpha=-group["lr"])
        return loss

    def _ahead(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        """Nesterov's momentum: that of the step after the next one, were its gradient the same."""
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        return gradient.lerp(state["momentum"], MOMENTUM)


def orthogonal(matrices: Tensor) -> Tensor:
    """(k, m, n) -> (k, m, n) the same singular vectors, singular values near one."""
    tall = matrices.shape[-2] > matrices.shape[-1]
    wide = matrices.mT if tall else matrices
    wide = wide / wide.norm(dim=(-2, -1), keepdim=True).clamp_min(LEAST_NORM)
    one, three, five = NEWTON_SCHULZ
    for _ in range(ITERATIONS):
        gram = wide @ wide.mT
        higher = torch.baddbmm(gram, gram, gram, beta=three, alpha=five)
        wide = torch.baddbmm(wide, higher, wide, beta=one)
    return wide.mT if tall else wide
