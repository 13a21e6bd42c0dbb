"""Hazard calibration: the noise for which the real estimating equations hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.design_errors import DesignErrors
from ck4gen.calibration.least_norm import least_norm_step
from ck4gen.calibration.settings import CalibrationSettings

_watching: ContextVar[list[dict[str, float]] | None] = ContextVar("watching", default=None)


@contextmanager
def watched(errors: list[dict[str, float]]) -> Iterator[None]:
    """Add the errors of each condition, in real standard errors, to a list at every step.

    Args:
        errors: The list; searches of several rounds follow each other.
    """
    token = _watching.set(errors)
    try:
        yield
    finally:
        _watching.reset(token)


def root_mean_square(errors: Mapping[str, Tensor]) -> dict[str, float]:
    """By condition, the root mean square of its errors."""
    return {name: size.item() for name, size in sizes_of(errors).items()}


def sizes_of(errors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same, with gradient."""
    return {name: error.square().mean().sqrt() for name, error in errors.items()}


def loss_of(sizes: Mapping[str, float], scales: Mapping[str, float]) -> float:
    """What :func:`solve` makes small: how far the conditions are beyond their scales."""
    return sum(max(size / scales[name] - 1, 0.0) for name, size in sizes.items())


@dataclass(frozen=True)
class Solution:
    """The best noise that was found.

    Attributes:
        noise: (n, k) noise.
        errors: Root mean square of each condition in real standard errors.
        steps: Steps made.
    """

    noise: Tensor
    errors: dict[str, float]
    steps: int


def solve(
    errors: DesignErrors,
    start: Tensor,
    settings: CalibrationSettings,
    renewed: Callable[[Tensor], DesignErrors] | None = None,
    redraw: Callable[[Tensor], Solution] | None = None,
) -> Solution:
    """Move standard normal noise until the conditions hold.

    By least-norm steps, then by exchanged rows, if they can be, and by Adam what is left.

    It stops as soon as every condition is within its scale, and keeps the best iterate.

    Args:
        errors: Noise -> errors of each condition in standard errors, with gradient.
        start: (n, k) standard normal noise, or where an earlier search ended.
        settings: Calibration settings.
        renewed: Where ``errors`` are those of a first order: noise -> the errors around it. They
            are taken anew before Adam and ``settings.renewals`` times in its steps, and only
            iterates since then compete.
        redraw: Noise -> where exchanged rows bring it, see ``redrawn_rows.py``; None where rows
            have no noise of their own.
    """
    stages: list[Callable[[Tensor], Solution]] = []
    if settings.least_norm_steps:
        stages.append(lambda noise: _least_norm(errors, noise, settings))
    if settings.redraws and redraw is not None:
        stages.append(redraw)
    noise, steps = start, 0
    for stage in stages:
        solution = stage(noise)
        noise, steps = solution.noise, steps + solution.steps
        if loss_of(solution.errors, settings.scales) == 0:
            return replace(solution, steps=steps)
    if stages and renewed is not None:
        errors = renewed(noise)
    if stages and torch.equal(noise, start):
        settings = settings.from_draw()
    solution = _adam(errors, noise, settings, renewed)
    return replace(solution, steps=steps + solution.steps)


class Patience:
    """The best of the iterates so far, and whether to go on.

    Args:
        scales: What each condition is aimed at, in real standard errors.
        most: Steps at most.
        patience: Steps without gain after which the search ends.
    """

    def __init__(self, scales: Mapping[str, float], most: int, patience: float) -> None:
        self.scales, self.most, self.patience = scales, most, patience
        self.least, self.since = np.inf, 0
        self.best: Solution | None = None

    def ended_at(self, noise: Tensor, sizes: Mapping[str, Tensor], step: int) -> Solution | None:
        """The best iterate, if the search ends with this one.

        It ends where the conditions hold, after the last step, and when there was no gain for long.

        Args:
            noise: (n, k) noise of this step.
            sizes: Root mean square of each condition.
            step: Number of the step, from 0.
        """
        now = {name: size.item() for name, size in sizes.items()}
        loss = loss_of(now, self.scales)
        self.since += 1
        if loss < self.least or self.best is None:
            self.least, self.since = loss, 0
            self.best = Solution(noise.detach().clone(), now, step)
        if loss > 0 and step < self.most and self.since < self.patience:
            return None
        return replace(self.best, steps=step)


def _least_norm(errors: DesignErrors, start: Tensor, settings: CalibrationSettings) -> Solution:
    """By steps that are the least for which the conditions hold to first order."""
    noise = start
    patience = Patience(settings.scales, settings.least_norm_steps, settings.patience)
    for step in count():
        noise = noise.clone().requires_grad_(True)
        design = errors.design(noise)
        errors_now = errors.of_design(design)
        sizes = reported(sizes_of(errors_now))
        if (solution := patience.ended_at(noise, sizes, step)) is not None:
            return solution
        equations = [*_equations(errors_now, sizes, settings)]
        noise = least_norm_step(noise, design, equations, step, settings.furthest)
    raise AssertionError("a search has a last step")


def _equations(
    errors: Mapping[str, Tensor], sizes: Mapping[str, Tensor], settings: CalibrationSettings
) -> Iterator[Tensor]:
    """What is to be 0 of each condition that is not yet as near as is aimed at.

    Hazard ratios are held so closely that a step has to bring back each by itself: their root mean
    square alone, one number, leaves them to turn around each other. Where they are too many, it is
    that number nevertheless: an equation for some of them would throw the others far off.
    """
    for name, size in sizes.items():
        scale = settings.scales[name]
        if size.item() <= settings.aim * scale:
            continue
        if settings.one_by_one(name, len(errors[name])):
            yield from errors[name] / scale
        else:
            yield size / scale - settings.aim


def _adam(
    errors: DesignErrors,
    start: Tensor,
    settings: CalibrationSettings,
    renewed: Callable[[Tensor], DesignErrors] | None,
) -> Solution:
    """By Adam with a cosine decay.

    The loss is the sum over conditions of the root mean square of their errors over the scale,
    as far as it is beyond 1, plus a pull of every column of the noise to mean 0 and variance 1.
    Roots, so that a condition that is far off does not outweigh the others; and a condition within
    its scale is left alone, since what is kept better than it is asked for costs privacy.
    """
    noise = start.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([noise], lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, settings.steps))
    patience = Patience(settings.scales, settings.steps, np.inf)
    every = -(-settings.steps // (settings.renewals + 1)) or 1
    for step in count():
        if renewed is not None and step and step % every == 0:
            errors = renewed(noise.detach())
            patience = Patience(settings.scales, settings.steps, np.inf)
        sizes = reported(sizes_of(errors(noise)))
        if (solution := patience.ended_at(noise, sizes, step)) is not None:
            return solution
        relative = torch.stack([size / settings.scales[name] for name, size in sizes.items()])
        loss = (relative - 1).clamp_min(0).sum()
        pull = noise.mean(0).square().mean() + (noise.var(0) - 1).square().mean()
        optimizer.zero_grad()
        (loss + settings.noise_weight * pull).backward()
        optimizer.step()
        schedule.step()
    raise AssertionError("a search has a last step")


def reported(sizes: dict[str, Tensor]) -> dict[str, Tensor]:
    """The sizes of the conditions at a step, which who watches is told."""
    if (seen := _watching.get()) is not None:
        seen.append({name: size.item() for name, size in sizes.items()})
    return sizes


def drift(noise: Tensor, draw: Tensor) -> dict[str, float]:
    """How plausible moved noise still is as the standard normal draw that it was.

    Args:
        noise: (n, k) noise after the search.
        draw: (n, k) the draw that it started from.

    Returns:
        Largest |mean| and |variance - 1| of a column, and the largest shift of one entry, in SDs.
    """
    return {
        "noise_mean": noise.mean(0).abs().max().item(),
        "noise_variance": (noise.var(0) - 1).abs().max().item(),
        "largest_shift": (noise - draw).abs().max().item(),
    }
