"""Cohorts that satisfy the real analysis: by moved noise, or by the choice of rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.conditions import OF_GENERATOR, Conditions
from ck4gen.calibration.design_errors import DesignErrors
from ck4gen.calibration.moved_rows import (
    AT_ONCE,
    MovedRows,
    Records,
    holding_strata,
    spread_rows,
    staying_rows,
    table_entries,
)
from ck4gen.calibration.noise_search import Solution, drift, loss_of, solve
from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.calibration.redrawn_rows import redraw
from ck4gen.calibration.refit import Refit, refitted
from ck4gen.calibration.row_selection import select_rows, taken
from ck4gen.calibration.settings import HAZARD_RATIOS, CalibrationSettings, RowSelectionSettings
from ck4gen.calibration.tilted_choice import TiltedChoice
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError
from ck4gen.survival.teacher import PENALIZER

Search = Callable[[Tensor], tuple[pd.DataFrame, Solution]]  # noise to start from -> cohort
CHOICE, REDRAWS = 1, 2  # streams of random numbers beside those of the draw


@dataclass(frozen=True)
class HazardCalibration:
    """The conditions of a calibration and the settings of its search."""

    conditions: Conditions
    settings: CalibrationSettings

    @classmethod
    def of(
        cls, cohort: WeightedCohort, penalizers: Mapping[int, float], settings: CalibrationSettings
    ) -> HazardCalibration:
        """The calibration to the analysis of these rows.

        Args:
            cohort: The training rows and their weights.
            penalizers: By cause, the ridge of its multivariable model; 1 is the event.
            settings: HazardCalibration settings.

        Raises:
            InputError: The analysis has no finite estimate on these rows.
        """
        s = settings
        counts = s.min_events, s.cut_group, s.outcome_points, s.most_terms
        try:
            return cls(Conditions.of(cohort, penalizers, list(s.scales), *counts), s)
        except CoxError as error:
            raise InputError(
                f"the Cox model to calibrate to cannot be fitted ({error}); drop or merge the "
                f"columns at fault, or set method.teacher.penalizer above {penalizers[1]:g}"
            ) from error

    @property
    def of_generator_names(self) -> list[str]:
        """Conditions on what the generator itself has."""
        terms, s = len(self.conditions.analysis.coefficients), self.settings
        most = {"triples": min(s.triple_terms, s.most_terms)}
        requested = [name for name in OF_GENERATOR if name in s.scales]
        return [name for name in requested if terms <= most.get(name, s.most_terms)]

    def of_generator(self, covariates: pd.DataFrame) -> HazardCalibration:
        """With what a generator is to keep of its own.

        Args:
            covariates: (n, p) many rows of the generator.
        """
        analysis = self.conditions.analysis
        design = analysis.standardise(analysis.schema.design(covariates))
        rows = torch.from_numpy(design.to_numpy())
        conditions = self.conditions.of_generator(self.of_generator_names, rows)
        return replace(self, conditions=conditions)

    def check_rows(self, n: int) -> None:
        """Raise an InputError where ``n`` rows are too few."""
        if n < 2:
            raise InputError(f"n_samples is {n}, and a calibrated cohort has 2 rows at least")

    def candidates(self, n: int) -> int:
        """How many rows are drawn for ``n``: more for a long table, whose rows are chosen."""
        analysis = self.conditions.analysis
        return self.settings.candidates(n, analysis.rows, len(analysis.coefficients))

    def thinned(self, pool: pd.DataFrame, n: int, seed: int) -> Tensor:
        """(n,) places of rows of a draw that is somewhat longer, see :class:`TiltedChoice`.

        Args:
            pool: Candidate rows: covariates and outcomes.
            n: Rows wanted.
            seed: Seed of the choice.
        """
        priority = np.random.default_rng([seed, CHOICE]).standard_normal(len(pool))
        choice = TiltedChoice(self.conditions, self.settings, pool, n)
        return choice.taken(torch.from_numpy(priority))

    def move(
        self,
        noise: Tensor,
        record: Records,
        record_decoder: RecordDecoder,
        outcome: pd.DataFrame,
        seed: int,
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """The cohort of a frozen network whose noise is moved, outcomes as they are.

        In a long table some rows move for all, see :class:`MovedRows`.

        Args:
            noise: (n, k) standard normal draw to start from.
            record: (m, k) noise of some rows, and (m,) which -> their (m, q) record, with gradient.
            record_decoder: Post-processing of the record.
            outcome: (n, 2) outcomes of the rows, with a third column where causes compete.
            seed: Seed of the noise that rows are offered instead of theirs.

        Returns:
            The table, and diagnostics.

        Raises:
            InputError: The cohort has no Cox model at all.
        """
        record = holding_strata(record, record_decoder, noise)
        generator = np.random.default_rng([seed, REDRAWS])

        def table(noise: Tensor) -> pd.DataFrame:
            return record_decoder.table(table_entries(record, noise)).join(outcome)

        drawn = table(noise) if self.conditions.analysis.schema.strata else outcome
        moving = self.settings.moving(len(noise), self.conditions.analysis.rows)
        rows = spread_rows(len(noise), moving)
        stay = staying_rows(len(noise), rows)
        exact = moving + len(stay) == len(noise)
        everyone = torch.arange(len(noise))
        moves, stays = (self._design(record, record_decoder, of) for of in (rows, stay))
        fixed = stays(noise[stay]) if len(stay) else None
        drawn_design = None if exact else self._drawn_design(noise, record, record_decoder)

        def all_move(noise: Tensor) -> Tensor:
            """The design of everyone, of whom those that stay are decoded once."""
            assert drawn_design is not None
            return drawn_design.index_copy(0, rows, moves(noise[rows]))

        def searching(calibration: HazardCalibration) -> Search:
            part = calibration._moved_errors(moves, drawn, rows, stay, fixed)
            whole = (
                None
                if exact
                else calibration._moved_errors(all_move, drawn, everyone, stay[:0], None)
            )
            settings = (
                calibration.settings
                if exact
                else calibration.settings.of_share(moving / len(noise))
            )

            def search(start: Tensor) -> tuple[pd.DataFrame, Solution]:
                moved = MovedRows(rows, start, part, whole)
                errors = moved.errors()
                solution = solve(
                    errors,
                    moved.start,
                    settings,
                    moved.renewed_errors(),
                    partial(redraw, errors, settings=settings, generator=generator),
                )
                moved_solution = replace(solution, noise=moved.moved(solution.noise))
                return table(moved_solution.noise), moved_solution

            return search

        return self._searched(searching, noise)

    @torch.no_grad()
    def _drawn_design(self, noise: Tensor, record: Records, decoder: RecordDecoder) -> Tensor:
        """(n, p) standardised design of all rows as they are drawn."""
        parts = torch.arange(len(noise)).split(AT_ONCE)
        return torch.cat([self._design(record, decoder, rows)(noise[rows]) for rows in parts])

    def _design(
        self, record: Records, decoder: RecordDecoder, rows: Tensor
    ) -> Callable[[Tensor], Tensor]:
        """Noise of these rows -> their standardised design, with gradient."""
        analysis, of_rows = self.conditions.analysis, decoder.of_rows(rows.numpy())
        return lambda noise: of_rows.design(
            record(noise, rows), analysis.mean, analysis.sd, self.settings.reach
        )

    def _moved_errors(
        self,
        design: Callable[[Tensor], Tensor],
        drawn: pd.DataFrame,
        rows: Tensor,
        stay: Tensor,
        fixed: Tensor | None,
    ) -> DesignErrors:
        """Errors of the rows that move beside rows that stay, if any, whose design is given."""
        errors = self._errors(drawn.iloc[torch.cat([rows, stay]).numpy()])
        if fixed is None:
            return DesignErrors(design, errors)
        stands_for = (len(drawn) - len(rows)) / len(stay)
        weight = torch.cat([torch.ones(len(rows)), torch.full((len(stay),), stands_for)]).double()
        return DesignErrors(design, lambda moved: errors(torch.cat([moved, fixed]), weight))

    def choose(
        self, pool: pd.DataFrame, n: int, settings: RowSelectionSettings, seed: int
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """``n`` rows of ``pool``, none of them twice.

        Args:
            pool: Candidate rows: covariates, duration and event.
            n: Rows wanted.
            settings: Settings of the choice.
            seed: Seed of the rows that the search starts from.

        Returns:
            The table, and diagnostics.

        Raises:
            InputError: The cohort has no Cox model at all.
        """
        analysis = self.conditions.analysis
        z = analysis.standardise(analysis.schema.design(pool))
        design = torch.from_numpy(z.to_numpy())
        start = torch.randn(len(pool), 1, generator=torch.Generator().manual_seed(seed))

        def searching(calibration: HazardCalibration) -> Search:
            errors = calibration._errors(pool)

            def search(start: Tensor) -> tuple[pd.DataFrame, Solution]:
                chosen, solution = select_rows(
                    lambda weight: errors(design, weight), start, n, calibration.settings, settings
                )
                return pool[chosen], solution

            return search

        cohort, metrics = self._searched(searching, start)
        kept = taken(start, n).numpy()[pool.index.get_indexer(cohort.index)].sum() / n
        return cohort.reset_index(drop=True), metrics | {"calibration/replaced": float(1 - kept)}

    def _errors(self, table: pd.DataFrame) -> Callable[..., dict[str, Tensor]]:
        """Errors of a design beside the outcomes, and in the strata, of this table."""
        cohort = WeightedCohort.of(table, self.conditions.analysis.schema)
        outcome = cohort.duration, cohort.cause, cohort.stratum, cohort.entry
        return self.conditions.residuals(*outcome)

    def _searched(
        self, searching: Callable[[HazardCalibration], Search], draw: Tensor
    ) -> tuple[pd.DataFrame, dict[str, float]]:
        """The best cohort of searches, each from the noise of the last, until one is met.

        With the learning rate as at first (a warm restart, Loshchilov and Hutter 2017). Where a
        cohort meets all conditions and its refit is off nevertheless, as where terms nearly follow
        from each other, the next search has the errors of hazard ratios by the information of that
        cohort instead of the real one. Where a hazard ratio is far off after the first, other
        conditions are at odds with it, and as many searches again, from the draw on, hold the
        hazard ratios alone. Where none is met, the draw as it is may be better, as when a search
        has lost all rows of a level.
        """
        rounds: list[tuple[Refit, pd.DataFrame, Solution]] = []
        calibration, noise, search, most = self, draw, searching(self), self.settings.rounds
        while len(rounds) < most:
            cohort, solution = search(noise)
            refit, noise = self._refit(cohort), solution.noise
            rounds.append((refit, cohort, solution))
            if refit.met:
                break
            if len(rounds) == 1 and refit.max_z > self.settings.alone_above:
                calibration, noise, most = self._alone(refit), draw, most + 1
                search = searching(calibration)
            elif len(rounds) < most and loss_of(solution.errors, self.settings.scales) == 0:
                calibration = calibration._around(refit.covariance)
                search = searching(calibration)
        if not refit.met:
            cohort, solution = searching(self._still())(draw)
            rounds.append((self._refit(cohort), cohort, solution))
        refit, cohort, best = min(rounds, key=_badness)
        if faults := refit.faults(self.settings):
            warnings.warn(
                f"calibration was not met: {'; '.join(faults)}", UserWarning, stacklevel=2
            )
        steps = float(sum(solution.steps for _, _, solution in rounds))
        diagnostics = {"steps": steps, **best.errors, **drift(best.noise, draw)}
        metrics = refit.numbers | {PENALIZER: self.conditions.analysis.penalizer}
        metrics |= {f"calibration/{name}": value for name, value in diagnostics.items()}
        return cohort, metrics

    def _alone(self, refit: Refit) -> HazardCalibration:
        """The hazard ratios of the event and of causes without what is at odds with them."""
        conditions = self.conditions.only(HAZARD_RATIOS)
        if dropped := [name for name in self.conditions.kept if name not in conditions.kept]:
            warnings.warn(
                f"calibration was not met with {', '.join(dropped)}: a hazard ratio was off by "
                f"{refit.max_z:.1f} standard errors, so the hazard ratios are held alone",
                UserWarning,
                stacklevel=4,
            )
        return replace(self, conditions=conditions)

    def _around(self, covariance: np.ndarray | None) -> HazardCalibration:
        """The same with the errors of hazard ratios as a refit to a cohort has them."""
        if covariance is None:
            return self
        return replace(self, conditions=self.conditions.around(covariance))

    def _still(self) -> HazardCalibration:
        """The same without steps: noise stays as drawn; rows may still be exchanged."""
        return replace(self, settings=self.settings.still())

    def _refit(self, cohort: pd.DataFrame) -> Refit:
        """The real analysis on a cohort."""
        return refitted(cohort, self.conditions.analysis, self.settings)


def _badness(round_: tuple[Refit, pd.DataFrame, Solution]) -> tuple[bool, int, float]:
    """What makes one search's cohort worse than another's."""
    refit = round_[0]
    return not refit.met, len(refit.degenerate), refit.max_z
