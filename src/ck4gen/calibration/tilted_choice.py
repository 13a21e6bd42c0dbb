"""The rows of a long table are chosen out of a longer draw, whose law is tilted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.condition import SyntheticTable
from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.moved_rows import AT_ONCE, spread_rows
from ck4gen.calibration.noise_search import Solution, loss_of, root_mean_square, watch
from ck4gen.calibration.pilot import Multipliers, Pilot
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.weighted_cohort import WeightedCohort


@dataclass(frozen=True)
class TiltedChoice:
    """A choice of rows that meets the conditions, none of them twice.

    Every candidate has a standard normal priority, and the highest are taken. A tilt is added to
    the priorities: for each condition that is not met, multipliers times what the row adds to its
    errors. With the same priorities throughout, the errors follow the multipliers smoothly, and
    chance in who is taken is calibrated with everything else.

    Attributes:
        conditions: The conditions.
        settings: Calibration settings.
        pool: The candidates: covariates and outcomes.
        wanted: Rows to take.
    """

    conditions: Conditions
    settings: CalibrationSettings
    pool: pd.DataFrame
    wanted: int

    def search(self, start: Tensor) -> tuple[np.ndarray, Solution]:
        """Tilt the priorities until the conditions hold for the rows that are taken.

        Args:
            start: (m, 1) priorities.

        Returns:
            (m,) whether each candidate is taken, and the solution.
        """
        multipliers: Multipliers = {}
        noise, scales = start, self.settings.scales
        best, least = start, np.inf
        for step in range(self.settings.renewals + 1):
            errors = self._errors(noise)
            sizes = root_mean_square(errors)
            watch(sizes)
            if (loss := loss_of(sizes, scales)) < least:
                best, least, found = noise, loss, sizes
            if loss <= 0 or step == self.settings.renewals:
                break
            multipliers = self._pilot.solved(errors, multipliers)
            noise = start + (self._pilot.rate * self._tilts(multipliers))[:, None].to(start)
        return self._taken(best).bool().numpy(), Solution(best, found, step)

    def _taken(self, noise: Tensor) -> Tensor:
        """(m, 1) priorities -> (m,) weights, 1 of the highest ones."""
        highest = noise[:, 0].topk(self.wanted).indices
        return torch.zeros(len(noise), dtype=torch.float64).index_fill(0, highest, 1.0)

    @torch.no_grad()
    def _errors(self, noise: Tensor) -> dict[str, Tensor]:
        """Errors of the rows that these priorities take."""
        table = replace(self._whole, weight=self._taken(noise))
        return {name: one.errors(table) for name, one in self.conditions.kept.items()}

    def _tilts(self, multipliers: Multipliers) -> Tensor:
        """(m,) tilts of all candidates."""
        return torch.cat([self._pilot.tilts(part, multipliers) for part in self._parts])

    @cached_property
    def _whole(self) -> SyntheticTable:
        return self._table(np.arange(len(self.pool)))

    @cached_property
    def _pilot(self) -> Pilot:
        kept, share = self.conditions.kept, self.wanted / len(self.pool)
        return Pilot(kept, self.settings.scales, self._table(self._pilot_rows), share)

    @cached_property
    def _parts(self) -> list[SyntheticTable]:
        """All candidates, some at once, each time behind the rows of the pilot."""
        return [
            self._table(np.concatenate([self._pilot_rows, rows.numpy()]))
            for rows in torch.arange(len(self.pool)).split(AT_ONCE)
        ]

    @property
    def _pilot_rows(self) -> np.ndarray:
        size = min(self.settings.pilot_rows, len(self.pool))
        return spread_rows(len(self.pool), size).numpy()

    def _table(self, rows: np.ndarray) -> SyntheticTable:
        analysis = self.conditions.analysis
        part = self.pool.iloc[rows].reset_index(drop=True)
        return SyntheticTable.of_real(analysis, WeightedCohort.of(part, analysis.schema))
