"""The keys of a hazard calibration, and of a choice of rows; read without torch."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, replace
from typing import Annotated

from ck4gen.constraints import AtLeast, Natural, NonNegative, Positive, Share, check_fields
from ck4gen.settings import InputError, at_least

CONDITIONS = (  # what each of them is: ``KINDS`` of conditions.py, which imports torch
    "cox",
    "causes",
    "censored",
    "univariable",
    "leave_one_out",
    "strata",
    "periods",
    "complete_cases",
    "moments",
    "ranks",
    "outcomes",
    "information",
    "interactions",
    "curves",
    "triples",
    "shares",
)
HAZARD_RATIOS = ("cox", "causes")  # of the analysis itself: others must not cost them


@dataclass(frozen=True)
class CalibrationSettings:
    """The keys of ``conf/calibration``; each is described there."""

    conditions: dict[str, float]
    min_events: Positive
    cut_group: Positive
    outcome_points: Positive
    most_terms: Positive
    triple_terms: Positive
    moved_rows: Annotated[int, AtLeast(2)]
    moved_share: NonNegative
    spare: NonNegative
    pilot_rows: Annotated[int, AtLeast(2)]
    outcome_rows: Positive
    choices: Natural
    renewals: Natural
    redraws: Natural
    redrawn_rows: Positive
    alternatives: Positive
    redraw_kept: Share
    redraw_aim: Share
    least_norm_steps: Natural
    patience: Positive
    furthest: NonNegative
    aim: Share
    equations: Positive
    steps: Natural
    rounds: Positive
    learning_rate: NonNegative
    rate_from_draw: NonNegative
    noise_weight: NonNegative
    reach: NonNegative
    max_error: NonNegative
    alone_above: NonNegative
    min_information: NonNegative
    ridge: NonNegative
    path: InitVar[str] = "method.calibration"  # where a fault is said to be

    def __post_init__(self, path: str) -> None:
        for name, scale in self.conditions.items():
            if name not in CONDITIONS:
                raise InputError(
                    f"{path}.conditions has '{name}'; choose of {', '.join(CONDITIONS)}"
                )
            if scale is not None:
                at_least(f"{path}.conditions.{name}", scale, 1e-6)
        if not self.scales:
            raise InputError(f"{path}.conditions is empty; give cox a scale, or drop {path}")
        check_fields(path, self)

    @property
    def scales(self) -> dict[str, float]:
        """The conditions that are used, each with its scale in standard errors."""
        return {name: scale for name, scale in self.conditions.items() if scale is not None}

    @property
    def kept_to(self) -> dict[str, float]:
        """What a search brings each condition to, in standard errors: what a reader can count on.

        Steps of the least move go somewhat further than the scale, so as not to end just beyond.
        """
        share = self.aim if self.least_norm_steps else 1.0
        return {name: share * scale for name, scale in self.scales.items()}

    def one_by_one(self, name: str, errors: int) -> bool:
        """Whether each error of a condition is brought back by itself: few hazard ratios."""
        return name in HAZARD_RATIOS and errors <= self.equations

    def candidates(self, rows: int, patients: int, terms: int) -> int:
        """How many rows are drawn for a table of so many; no more where its rows are moved.

        A table of at most twice as many rows as move is looked at as a whole while they do, and of
        very many terms there are too many products to tilt by.
        """
        if rows <= 2 * self.moving(rows, patients) or terms > self.most_terms:
            return rows
        return rows + round(self.spare * rows)

    def moving(self, rows: int, patients: int) -> int:
        """How many of so many rows a search moves for all of them.

        Errors of chance in a cohort of n patients are those of a shift of all rows by n^-1/2 SDs;
        where few patients stand behind many rows, few of these would have to move far.
        """
        share = max(self.moved_share, patients**-0.5)
        return min(rows, max(self.moved_rows, round(share * rows)))

    def still(self) -> CalibrationSettings:
        """For a search that moves nothing."""
        return replace(self, path="", redraws=0, least_norm_steps=0, steps=0)

    def from_draw(self) -> CalibrationSettings:
        """For a search by Adam that has the whole way to go."""
        return replace(self, path="", learning_rate=self.rate_from_draw)

    def of_share(self, share: float) -> CalibrationSettings:
        """For a search that moves only this share of the rows.

        Each of them has to go further, and the errors answer less to it: longer steps, by the
        root of what a row stands for, and fewer, by its cube root (our choice, by trial).
        """
        if share == 1:
            return self
        return replace(
            self,
            path="",
            learning_rate=self.learning_rate * share**-0.5,
            rate_from_draw=self.rate_from_draw * share**-0.5,
            steps=round(self.steps * share ** (1 / 3)),
        )


@dataclass(frozen=True)
class RowSelectionSettings:
    """The keys of ``reselection`` in ``conf/method/reselected.yaml``; each is described there."""

    pool: Annotated[int, AtLeast(2)]
    linearisations: Natural
    exchanges: Positive
    shortlist: Positive
    path: InitVar[str] = "method.reselection"  # where a fault is said to be

    def __post_init__(self, path: str) -> None:
        check_fields(path, self)
