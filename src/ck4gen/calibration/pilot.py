"""Some rows of a long draw, from which it is worked out how the law of all is to be tilted."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import torch
from torch import Tensor

from ck4gen.calibration.condition import Condition, SyntheticTable
from ck4gen.calibration.least_tilt import least_tilt
from ck4gen.calibration.noise_search import loss_of, root_mean_square
from ck4gen.calibration.outcome_groups import OutcomeGroups

Multipliers = dict[str, Tensor]  # by condition, (k,) of its errors; none of one that is not needed
AIM = 0.9  # of a scale, so that what a choice adds by chance is within it, too
CLOSE = 0.05  # to the aims, sum over the conditions: within the scales
STEPS = 20  # Newton steps, at most
HALVES = 4  # of a step that does not help


class Unreached(Exception):
    """No tilt meets all conditions; the argument is the name of the one to give up."""


@dataclass(frozen=True)
class Pilot:
    """Some rows of a draw, as likely to be taken as the tilt makes them.

    A row's slopes are what it adds to each error beside another of its group, since the same share
    of each group is taken. A tilt is the sum of multipliers times slopes; it moves the probit of
    that share, which to first order is exponential tilting.

    Attributes:
        conditions: The conditions, by name.
        scales: Error aimed at, by condition.
        table: The rows.
        groups: Those with nearly the same outcome.
        share: Of all rows, those that are taken.
    """

    conditions: dict[str, Condition]
    scales: dict[str, float]
    table: SyntheticTable
    groups: OutcomeGroups
    share: float

    @cached_property
    def rate(self) -> float:
        """What the probit moves by for each unit of the tilt."""
        return self.share / math.exp(-(self._probit**2) / 2) * math.sqrt(2 * math.pi)

    @cached_property
    def _probit(self) -> float:
        """That of the share."""
        return NormalDist().inv_cdf(self.share)

    @cached_property
    def _slopes(self) -> dict[str, Tensor]:
        """By condition, once it is asked for, (b, k) slopes times the number of rows."""
        return {}

    def slopes(self, names: list[str]) -> Tensor:
        """(b, k) slopes of the errors of these conditions."""
        for name in names:
            if name not in self._slopes:
                slopes = self.conditions[name].slopes(self.table) * len(self.weight)
                self._slopes[name] = slopes - self.groups.mean(slopes)
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
        parts = [m @ self.conditions[name].errors(table) for name, m in multipliers.items()]
        return torch.autograd.grad(torch.stack(parts).sum(), weight)[0][rows:] * rows

    @torch.no_grad()
    def errors(self, multipliers: Multipliers, names: Collection[str]) -> dict[str, Tensor]:
        """Errors of the tilted pilot in these conditions."""
        taken = torch.special.ndtr(self._probits(multipliers))
        table = replace(self.table, weight=taken / self.groups.mean(taken))
        return {name: self.conditions[name].errors(table) for name in names}

    def _probits(self, multipliers: Multipliers) -> Tensor:
        """(b,) probits of the rows' chances to be taken."""
        if not multipliers:
            return torch.full_like(self.weight, self._probit)
        tilt = self.slopes([*multipliers]) @ torch.cat([*multipliers.values()])
        return self._probit + self.rate * tilt

    def solved(self, gap: dict[str, Tensor], multipliers: Multipliers) -> Multipliers:
        """Multipliers for which conditions hold, by damped Newton steps.

        Args:
            gap: Of the conditions that are to hold: what the rows that are taken are off beside the
                pilot under the same tilt, which stays as it is.
            multipliers: Where to start.

        Raises:
            Unreached: None were found.
        """
        errors, needed = self._beside(gap, multipliers), [*multipliers]
        for _ in range(STEPS):
            loss = self._loss(errors)
            if loss <= CLOSE:
                return multipliers
            needed += self._beyond(errors, needed)
            aimed = self._newton({name: errors[name] for name in needed}, multipliers)
            if lost := self._beyond(self._beside(gap, aimed), needed):
                needed += lost  # what the step would cost: it is held, too
                continue
            for half in range(HALVES + 1):
                tried = _between(multipliers, aimed, 0.5**half)
                tried_errors = self._beside(gap, tried)
                if self._loss(tried_errors) < loss:
                    break
            else:
                break
            multipliers, errors = tried, tried_errors
        if self._loss(errors) <= CLOSE:  # by the last step
            return multipliers
        raise Unreached(self._furthest(errors))

    def _furthest(self, errors: dict[str, Tensor]) -> str:
        """The condition that is furthest off, in standard errors, of those beyond their aims."""
        sizes = root_mean_square(errors)
        return max(self._beyond(errors, ()), key=sizes.__getitem__)

    def _beyond(self, errors: dict[str, Tensor], needed: Collection[str]) -> list[str]:
        """Further conditions that are beyond their aims."""
        sizes = root_mean_square(errors)
        return [n for n, size in sizes.items() if size > self._aim(n) and n not in needed]

    def _beside(self, gap: dict[str, Tensor], multipliers: Multipliers) -> dict[str, Tensor]:
        """Errors of the rows that are taken, as the pilot sees them."""
        return {name: error + gap[name] for name, error in self.errors(multipliers, gap).items()}

    def _newton(self, errors: dict[str, Tensor], multipliers: Multipliers) -> Multipliers:
        """With the least further tilt in the linear model of the errors around the multipliers.

        The least one, since each row that is exchanged for another adds to chance.

        Raises:
            Unreached: No such tilt of these rows is small enough to be that of a choice.
        """
        slopes, error = self.slopes([*errors]), torch.cat([*errors.values()])
        # how much a row's chance answers to its tilt, beside that of a row without one
        answer = torch.exp((self._probit**2 - self._probits(multipliers).square()) / 2)
        gram = slopes.T @ (answer[:, None] * slopes) / len(slopes)
        now = [multipliers.get(name, torch.zeros_like(each)) for name, each in errors.items()]
        sizes = [len(each) for each in errors.values()]
        aims = error.new_tensor([self._aim(name) for name in errors])
        most = -math.log(self.share)  # a choice of this share diverges no more from the law of all
        tilt = least_tilt(error, gram, sizes, aims, most)
        if tilt.unreached is not None:
            raise Unreached([*errors][tilt.unreached])
        updated = torch.cat(now) + tilt.multipliers
        return dict(zip(errors, updated.split(sizes), strict=True))

    def _aim(self, name: str) -> float:
        return AIM * self.scales[name]

    def _loss(self, errors: dict[str, Tensor]) -> float:
        return loss_of(root_mean_square(errors), {name: self._aim(name) for name in errors})


def _between(start: Multipliers, end: Multipliers, part: float) -> Multipliers:
    """Multipliers that have gone a part of the way, from 0 where there was none."""
    return {
        name: (1 - part) * start.get(name, torch.zeros_like(aim)) + part * aim
        for name, aim in end.items()
    }
