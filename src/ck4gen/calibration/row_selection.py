"""Calibration without gradients of a generator: which of its rows are taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.design_errors import DesignErrors
from ck4gen.calibration.noise_search import (
    Solution,
    loss_of,
    root_mean_square,
    solve,
)
from ck4gen.calibration.settings import CalibrationSettings, RowSelectionSettings

Errors = Callable[[Tensor], dict[str, Tensor]]  # (m,) weights -> errors of each condition


def select_rows(
    errors: Errors,
    start: Tensor,
    n: int,
    calibration: CalibrationSettings,
    settings: RowSelectionSettings,
) -> tuple[np.ndarray, Solution]:
    """Choose ``n`` candidates for which the conditions hold, none of them twice.

    Every candidate has a standard normal priority, and the ``n`` highest are taken. The
    priorities are noise like any other, and :func:`solve` moves them; an exchange of single rows
    then does what steps of many rows at once cannot.

    Args:
        errors: (m,) weights of the candidates, 1 for a row that is taken and 0 for others ->
            errors of each condition in standard errors, with gradient.
        start: (m, 1) priorities to start from.
        n: Rows to take.
        calibration: Calibration settings.
        settings: Settings of the choice.

    Returns:
        (m,) whether each candidate is taken, and the solution.
    """
    of_noise = DesignErrors(
        lambda noise: taken(noise, n)[:, None], lambda weight: errors(weight[:, 0])
    )
    solution = solve(of_noise, start, calibration)
    chosen, sizes = exchange(
        errors, taken(solution.noise, n).bool().numpy(), calibration.scales, settings
    )
    return chosen, replace(solution, errors=sizes)


def taken(priority: Tensor, n: int) -> Tensor:
    """(m, 1) priorities -> (m,) weights, 1 for the ``n`` highest; straight-through gradient.

    Adam scales each entry by its own gradients, so the slope of a relaxation would not matter.
    """
    soft = priority[:, 0].double()
    hard = torch.zeros_like(soft, requires_grad=False)
    hard[soft.detach().topk(n).indices] = 1.0
    return hard + (soft - soft.detach())


def exchange(
    errors: Errors, chosen: np.ndarray, scales: Mapping[str, float], settings: RowSelectionSettings
) -> tuple[np.ndarray, dict[str, float]]:
    """Swap rows one by one, each time the best pair in a linear model of the errors.

    The model is that of score residuals: the derivative of every error by the weight of each
    candidate. It is drawn anew after some swaps, since risk sets follow the choice.

    Args:
        errors: See :func:`reselect`.
        chosen: (m,) whether each candidate is taken.
        scales: Error aimed at, by condition.
        settings: Settings of the choice.

    Returns:
        The better choice, and the root mean square of each condition.
    """
    sizes = _sizes(errors, chosen)
    for _ in range(settings.linearisations):
        swapped = _swapped(*_linear(errors, chosen, scales), chosen, settings)
        swapped_sizes = _sizes(errors, swapped)
        if loss_of(swapped_sizes, scales) >= loss_of(sizes, scales):
            break
        chosen, sizes = swapped, swapped_sizes
    return chosen, sizes


def _sizes(errors: Errors, chosen: np.ndarray) -> dict[str, float]:
    with torch.no_grad():
        return root_mean_square(errors(torch.from_numpy(chosen.astype(float))))


def _linear(
    errors: Errors, chosen: np.ndarray, scales: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """(k,) errors and (m, k) what each candidate adds to them.

    They are weighted so that their sum of squares falls when :func:`loss_of` does (the quadratic
    that touches each root from above); a condition that is met weighs as one that is just met.
    """
    weight = torch.from_numpy(chosen.astype(float)).requires_grad_()
    values, slopes = [], []
    for name, error in errors(weight).items():
        size = error.detach().square().mean().sqrt().item()
        factor = (scales[name] * max(size, scales[name]) * len(error)) ** -0.5
        values.append(factor * error.detach())
        slopes += [
            factor * torch.autograd.grad(entry, weight, retain_graph=True)[0] for entry in error
        ]
    return torch.cat(values).numpy(), torch.stack(slopes, 1).numpy()


def _swapped(
    value: np.ndarray, effect: np.ndarray, chosen: np.ndarray, settings: RowSelectionSettings
) -> np.ndarray:
    """The choice after the best swaps in the linear model, while one helps."""
    chosen, squared_norms = chosen.copy(), (effect**2).sum(1)
    for _ in range(settings.exchanges):
        slope = 2 * effect @ value
        # change of the sum of squares by each row that leaves, and by each that comes
        leaves, comes = squared_norms - slope, squared_norms + slope
        inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        inside = inside[np.argsort(leaves[inside], kind="stable")[: settings.shortlist]]
        outside = outside[np.argsort(comes[outside], kind="stable")[: settings.shortlist]]
        change = leaves[inside][:, None] + comes[outside] - 2 * effect[inside] @ effect[outside].T
        out, new = np.unravel_index(change.argmin(), change.shape)
        if not change[out, new] < 0:
            break
        value = value + effect[outside[new]] - effect[inside[out]]
        chosen[inside[out]], chosen[outside[new]] = False, True
    return chosen
