"""Rows that take other noise, one after another, where that brings the conditions nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.design_errors import DesignErrors, slopes
from ck4gen.calibration.noise_search import Patience, Solution, reported, sizes_of
from ck4gen.calibration.settings import CalibrationSettings


def redraw(
    errors: DesignErrors,
    start: Tensor,
    settings: CalibrationSettings,
    generator: np.random.Generator,
) -> Solution:
    """Exchange the noise of single rows for other draws until the conditions hold (our choice).

    In a round every row has ``alternatives``: noise that has the correlation ``redraw_kept`` with
    its own, so that it is a standard normal draw as well. What a row with another design changes
    errors by is known to first order, also where a 0/1 value flips or a number is rounded, which
    no gradient by the noise knows. Rows are taken one after another, each time the one that brings
    the errors furthest down (as matching pursuit does; Mallat and Zhang 1993), until they should
    hold or no row helps. A few rows of a round are exchanged, so the next one starts close.

    Args:
        errors: Errors of the table.
        start: (n, k) standard normal noise, or where an earlier search ended.
        settings: Calibration settings.
        generator: What alternatives are drawn from.
    """
    noise, patience = start, Patience(settings.scales, settings.redraws, settings.patience)
    for step in count():
        with torch.no_grad():
            design = errors.design(noise)
        design.requires_grad_(True)
        errors_now = errors.of_design(design)
        sizes = reported(sizes_of(errors_now))
        if (solution := patience.ended_at(noise, sizes, step)) is not None:
            return solution
        relative = Relative.of(errors_now, sizes, design, settings)
        others = [
            _other(noise, settings.redraw_kept, generator) for _ in range(settings.alternatives)
        ]
        with torch.no_grad():
            changes = torch.stack([errors.design(other) - design for other in others])
        taken = relative.taken(changes, settings.redrawn_rows)
        noise = noise.clone()
        for row, other in taken.items():
            noise[row] = others[other][row]
    raise AssertionError("a search has a last step")


def _other(noise: Tensor, kept: float, generator: np.random.Generator) -> Tensor:
    """(n, k) noise of the same distribution, of correlation ``kept`` with this."""
    fresh = torch.from_numpy(generator.standard_normal(noise.shape)).to(noise)
    return kept * noise + (1 - kept**2) ** 0.5 * fresh


@dataclass(frozen=True)
class Relative:
    """Errors over their scales, and what they hang on the design by.

    Attributes:
        values: (c,) each hazard ratio by itself, where they are not too many, and the root mean
            squares of the other conditions.
        slopes: (c, n, p) slopes of these by the design.
        first: Place of the first value of each condition.
        aims: What the root mean square of each condition is brought to.
    """

    values: np.ndarray
    slopes: Tensor
    first: np.ndarray
    aims: np.ndarray

    @classmethod
    def of(
        cls,
        errors: Mapping[str, Tensor],
        sizes: Mapping[str, Tensor],
        design: Tensor,
        settings: CalibrationSettings,
    ) -> Relative:
        """Of the errors and root mean squares of a design, with gradient."""
        parts, aims = [], []
        for name, size in sizes.items():
            each = settings.one_by_one(name, len(errors[name]))
            parts.append((errors[name] if each else size[None]) / settings.scales[name])
            aims.append(settings.redraw_aim if each else settings.aim)
        each_value = [value for part in parts for value in part]
        first = np.cumsum([0, *map(len, parts[:-1])])
        values = np.array([value.item() for value in each_value])
        return cls(values, slopes(each_value, design), first, np.array(aims))

    def taken(self, changes: Tensor, most: int) -> dict[int, int]:
        """Rows that are exchanged, and for which alternative.

        Args:
            changes: (a, n, p) what the design of each row changes by with each alternative.
            most: Rows at most.
        """
        rows = changes.shape[1]
        by_alternative = torch.einsum("cnp,anp->can", self.slopes, changes)
        effects = by_alternative.flatten(1).numpy()  # (c, alternatives x rows)
        values, free = self.values[:, None], np.ones(effects.shape[1], dtype=bool)
        beyond, taken = self._beyond(values)[0], dict[int, int]()
        while len(taken) < most and beyond > 0:
            after = np.where(free, self._beyond(values + effects), np.inf)
            best = int(after.argmin())
            if not after[best] < beyond:
                break
            values, beyond = values + effects[:, [best]], after[best]
            taken[best % rows] = best // rows
            free[best % rows :: rows] = False
        return taken

    def _beyond(self, values: np.ndarray) -> np.ndarray:
        """(c, m) values -> (m,) sum over conditions of how far they are beyond their aims."""
        counts = np.diff(np.r_[self.first, len(values)])
        single = np.repeat(counts == 1, counts)  # a size, which falls below 0 to first order only
        squares = np.where(single[:, None], values.clip(min=0), values) ** 2
        sizes = np.sqrt(np.add.reduceat(squares, self.first) / counts[:, None])
        return (sizes - self.aims[:, None]).clip(min=0).sum(0)
