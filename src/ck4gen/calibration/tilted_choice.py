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
from ck4gen.calibration.noise_search import root_mean_square
from ck4gen.calibration.outcome_groups import OutcomeGroups
from ck4gen.calibration.pilot import Multipliers, Pilot, Unreached
from ck4gen.calibration.settings import CalibrationSettings
from ck4gen.data.weighted_cohort import WeightedCohort


@dataclass(frozen=True)
class TiltedChoice:
    """A choice of rows that meets the conditions, none of them twice.

    Every candidate has a standard normal priority, and the highest are taken among rows with nearly
    the same outcome: a tilt towards hazard ratios would else move survival curves, too, which no
    condition is about. A tilt is added to the priorities: for each condition that is not met,
    multipliers times what the row adds to its errors. With the same priorities throughout, the
    errors follow the multipliers smoothly, and chance in who is taken is calibrated with the rest.

    Attributes:
        conditions: The conditions.
        settings: Calibration settings.
        pool: The candidates: covariates and outcomes.
        count: Rows to take.
    """

    conditions: Conditions
    settings: CalibrationSettings
    pool: pd.DataFrame
    count: int

    def taken(self, priority: Tensor) -> Tensor:
        """(n,) places of the rows that are taken.

        A condition that no tilt of these candidates meets, as where the generator has too few rows
        far out, is given up: the one that it costs most to come near, or is furthest off.

        Args:
            priority: (m,) standard normal numbers.
        """
        rows, kept_names = self._highest(priority), [*self.conditions.kept]
        multipliers: Multipliers = {}
        for _ in range(self.settings.choices):
            errors = {
                name: error for name, error in self._errors(rows).items() if name in kept_names
            }
            multipliers = self._multipliers(errors, multipliers)
            if not multipliers:
                break
            kept_names = [name for name in kept_names if name in errors]
            rows = self._highest(priority + self._pilot.rate * self._tilts(multipliers))
        return rows.sort().values

    def _multipliers(self, errors: dict[str, Tensor], start: Multipliers) -> Multipliers:
        """Multipliers for which these errors are small; none where they are.

        Args:
            errors: Those of the rows that are taken with ``start``; what is given up is taken out.
            start: Where to start.
        """
        sizes, pilot_errors = root_mean_square(errors), self._pilot.errors(start, errors)
        while any(size > self.settings.scales[n] for n, size in sizes.items()):
            gap = {name: error - pilot_errors[name] for name, error in errors.items()}
            try:
                return self._pilot.solved(gap, start)
            except Unreached as condition:
                (hopeless,) = condition.args
            del sizes[hopeless], errors[hopeless]
            start = {}
        return {}

    def _highest(self, priority: Tensor) -> Tensor:
        """(n,) places of the rows with the highest priority, the same share of all outcomes."""
        return self._groups.highest(priority, self.count)

    @torch.no_grad()
    def _errors(self, rows: Tensor) -> dict[str, Tensor]:
        """Errors of the rows at these places."""
        weight = torch.zeros(len(self.pool), dtype=torch.float64).index_fill(0, rows, 1.0)
        table = replace(self._whole, weight=weight)
        return {name: one.errors(table) for name, one in self.conditions.kept.items()}

    def _tilts(self, multipliers: Multipliers) -> Tensor:
        """(m,) tilts of all candidates."""
        return torch.cat([self._pilot.tilts(part, multipliers) for part in self._parts])

    @cached_property
    def _groups(self) -> OutcomeGroups:
        return self._grouped(self._whole)

    def _grouped(self, table: SyntheticTable) -> OutcomeGroups:
        return OutcomeGroups.of(table.outcomes, self.settings.outcome_rows)

    @cached_property
    def _whole(self) -> SyntheticTable:
        return self._table(np.arange(len(self.pool)))

    @cached_property
    def _pilot(self) -> Pilot:
        kept, share = self.conditions.kept, self.count / len(self.pool)
        table = self._table(self._pilot_rows)
        return Pilot(kept, self.settings.scales, table, self._grouped(table), share)

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
