"""Some rows of a long draw, from which it is worked out how the law of all is to be tilted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, SyntheticTable
from ck4gen.calibration.least_tilt import least_tilt
from ck4gen.calibration.noise_search import loss_of, root_mean_square

Multipliers = dict[str, Tensor]  # by condition, (k,) of its errors; none of one that is not needed
AIM = 0.9  # of a scale, so that what a choice adds by chance is within it, too
STEPS = 20  # Newton steps, at most
HALVES = 4  # of a step that does not help


@dataclass(frozen=True)
class Pilot:
    """Some rows of a draw, as likely to be taken as the tilt makes them.

    A row's slopes are what it adds to each error. A tilt is the sum of multipliers times slopes;
    it moves the probit of the share that is taken, which to first order is exponential tilting.

    Attributes:
        conditions: The conditions, by name.
        scales: Error aimed at, by condition.
        table: The rows.
        share: Of all rows, those that are taken.
    """

    conditions: dict[str, Condition]
    scales: dict[str, float]
    table: SyntheticTable
    share: float

    @cached_property
    def rate(self) -> float:
        """What the probit moves by for each unit of the tilt."""
        share = torch.tensor(self.share, dtype=torch.float64)
        probit = torch.special.ndtri(share)
        density = torch.exp(-probit.square() / 2) / (2 * torch.pi) ** 0.5
        return float(share / density)

    @cached_property
    def _slopes(self) -> dict[str, Tensor]:
        """By condition, once it is asked for, (b, k) slopes times the number of rows."""
        return {}

    def slopes(self, names: list[str]) -> Tensor:
        """(b, k) slopes of the errors of these conditions."""
        for name in names:
            if name not in self._slopes:
                self._slopes[name] = self.conditions[name].slopes(self.table) * len(self.weight)
        return torch.cat([self._slopes[name] for name in names], 1)

    @property
    def weight(self) -> Tensor:
        """(b,) weights without a tilt."""
        return self.table.weight

    def tilts(self, beside: SyntheticTable, multipliers: Multipliers) -> Tensor:
        """(m,) tilts of further rows.

        Args:
            beside: The rows of the pilot, and then the m others.
            multipliers: Those of the tilt.
        """
        rows = len(self.weight)
        others = beside.weight.new_zeros(len(beside.weight) - rows)
        weight = torch.cat([self.weight, others]).requires_grad_()
        table = replace(beside, weight=weight)
        moved = sum((each @ self.conditions[name].errors(table)) for name, each in multipliers.items())
        return torch.autograd.grad(moved, weight)[0][rows:] * rows

    @torch.no_grad()
    def errors(self, multipliers: Multipliers) -> dict[str, Tensor]:
        """Errors of the tilted pilot."""
        weight = self.weight
        if multipliers:
            tilt = self.slopes([*multipliers]) @ torch.cat([*multipliers.values()])
            probit = torch.special.ndtri(weight.new_tensor(self.share))
            taken = torch.special.ndtr(probit + self.rate * (tilt - tilt.mean()))
            weight = taken / taken.mean()
        table = replace(self.table, weight=weight)
        return {name: one.errors(table) for name, one in self.conditions.items()}

    def solved(self, errors: dict[str, Tensor], multipliers: Multipliers) -> Multipliers:
        """Multipliers for which the conditions hold, by damped Newton steps.

        Args:
            errors: Those of the rows that are taken with ``multipliers``. What they are off beside
                the pilot's stays as it is.
            multipliers: Where to start.
        """
        own = self.errors(multipliers)
        gap = {name: error - own[name] for name, error in errors.items()}
        loss, needed = self._loss(errors), [*multipliers]
        for _ in range(STEPS):
            if loss <= 0:
                break
            sizes = root_mean_square(errors)
            needed += [n for n, size in sizes.items() if size > self._aim(n) and n not in needed]
            aimed = self._newton(errors, multipliers, needed)
            for half in range(HALVES + 1):
                part = 0.5**half
                tried = {
                    name: (1 - part) * multipliers.get(name, torch.zeros_like(aim)) + part * aim
                    for name, aim in aimed.items()
                }
                found = self.errors(tried)
                found = {name: error + gap[name] for name, error in found.items()}
                if self._loss(found) < loss:
                    break
            else:
                break
            multipliers, errors, loss = tried, found, self._loss(found)
        return multipliers

    def _newton(
        self, errors: dict[str, Tensor], multipliers: Multipliers, needed: list[str]
    ) -> Multipliers:
        """The least tilt in the linear model of the errors around the multipliers."""
        slopes, error = self.slopes(needed), torch.cat([errors[name] for name in needed])
        gram = slopes.T @ slopes / len(slopes)
        now = [multipliers.get(name, torch.zeros_like(errors[name])) for name in needed]
        sizes = [len(errors[name]) for name in needed]
        aims = error.new_tensor([self._aim(name) for name in needed])
        found = least_tilt(error - gram @ torch.cat(now), gram, sizes, aims)
        return dict(zip(needed, found.split(sizes), strict=True))

    def _aim(self, name: str) -> float:
        return AIM * self.scales[name]

    def _loss(self, errors: dict[str, Tensor]) -> float:
        return loss_of(root_mean_square(errors), {name: self._aim(name) for name in self.scales})
