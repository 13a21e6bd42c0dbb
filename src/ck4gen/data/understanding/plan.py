"""What was understood of a table, applied to its rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT, Column, Schema
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.duration import DurationPlan
from ck4gen.data.understanding.event import EventPlan
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.presentation import Presentation, PresentedColumn
from ck4gen.data.understanding.raw_column import RawColumn


@dataclass(frozen=True)
class Plan:
    """A table, understood.

    Attributes:
        duration: How the time is read.
        event: How the event is read.
        columns: Every other column in the order of the table.
        blanks: Indicator column -> columns that are blank where it is 1; empty where blanks are
            not kept.
        entry: Column of the time of entry; empty where nobody enters late.
        strata: Columns by which Cox models are stratified.
        stratification: The strata in words; empty without.
        rows: Rows of the table.
        events: Events among them.
        competing: Rows with each cause that competes with the event.
        min_cell: Fewest patients of whom the recipient of a table is told.
        follow_up: Median time, from the entry on where that is delayed.
        notes: What the user should know of the table as a whole.
    """

    duration: DurationPlan
    event: EventPlan
    columns: tuple[ColumnPlan, ...]
    blanks: dict[str, tuple[str, ...]]
    entry: str = ""
    strata: tuple[str, ...] = ()
    stratification: str = ""
    rows: int = 0
    events: int = 0
    competing: tuple[int, ...] = ()
    min_cell: int = 1
    follow_up: float = 0
    notes: tuple[str, ...] = ()

    @cached_property
    def kept(self) -> list[ColumnPlan]:
        """Columns that are not dropped."""
        return [plan for plan in self.columns if not plan.drop]

    @cached_property
    def internal(self) -> dict[str, str]:
        """The user's covariate name -> the name within, other than the outcome's."""
        outcome = {DURATION, EVENT}
        outcome |= {CAUSE} if self.event.competing else set()
        outcome |= {ENTRY} if self.entry else set()
        taken = {plan.name for plan in self.kept} | outcome
        names = {}
        for plan in self.kept:
            name = plan.name
            if name in outcome:
                name = unused(name, taken)
                taken.add(name)
            names[plan.name] = name
        return names

    @property
    def duration_name(self) -> str:
        """Column of the time in a synthetic table."""
        if not self.duration.entry:
            return self.duration.name
        return unused(f"days_since_{self.duration.entry}", {plan.name for plan in self.kept})

    def covariates(self, columns: dict[str, RawColumn]) -> tuple[pd.DataFrame, list[Fault]]:
        """(n, p) clean covariates under their own names, NaN for a blank, and what does not fit.

        Args:
            columns: The columns as they were read.
        """
        parts, faults = {}, []
        for plan in self.kept:
            parts[plan.name], wrong = plan.apply(columns[plan.name])
            faults += wrong
        rows = len(next(iter(columns.values())).values)
        return pd.DataFrame(parts, index=range(rows)), faults

    def outcome(self, columns: dict[str, RawColumn]) -> pd.DataFrame:
        """(n, 2) durations and events; also the cause where causes compete, and a late entry."""
        entry = columns[self.duration.entry] if self.duration.entry else None
        times = self.duration.apply(columns[self.duration.name], entry)
        cause = self.event.apply(columns[self.event.name])
        outcome = pd.DataFrame({DURATION: times, EVENT: (cause == 1).astype(int)})
        if self.entry:
            outcome[ENTRY] = columns[self.entry].numbers
        return outcome.assign(**{CAUSE: cause}) if self.event.competing else outcome

    def table(self, covariates: pd.DataFrame, outcome: pd.DataFrame) -> pd.DataFrame:
        """Covariates, indicators of blanks, duration and event, as methods take them.

        Args:
            covariates: Of :meth:`covariates`.
            outcome: Of :meth:`outcome`.
        """
        indicators = {
            name: covariates[list(of)].isna().all(axis=1).astype(int)
            for name, of in self.blanks.items()
        }
        within = covariates.rename(columns=self.internal)
        return pd.concat([within, pd.DataFrame(indicators, index=within.index), outcome], axis=1)

    def schema(self, with_blanks: set[str]) -> Schema:
        """The schema of :meth:`table`.

        Args:
            with_blanks: Columns that have blanks.
        """
        columns = []
        for plan in self.kept:
            column = _renamed(plan.column(plan.name in with_blanks), self.internal[plan.name])
            stratum = plan.name in self.strata
            columns.append(replace(column, stratum=True) if stratum else column)
        for name, of in self.blanks.items():
            meaning = f"{', '.join(of)} is blank"
            within = tuple(self.internal[one] for one in of)
            columns.append(Column(name, "binary", meaning=meaning, blank_of=within))
        return Schema(
            tuple(columns),
            duration_unit=self.duration.unit,
            event_meaning=f"{self.event.name} is {self.event.happened}",
            causes=self.event.causes,
            delayed_entry=bool(self.entry),
        )

    @property
    def presentation(self) -> Presentation:
        """How a synthetic table is shown to the user."""
        columns = tuple(
            PresentedColumn(
                plan.name,
                self.internal[plan.name],
                plan.levels if plan.kind == "binary" else (),
                plan.merged_rows >= self.min_cell,
                plan.blank,
            )
            for plan in self.kept
        )
        states = tuple(self.event.coding.values())
        return Presentation(
            columns, self.blanks, self.entry, self.duration_name, self.event.name, states
        )


def unused(name: str, taken: Collection[str]) -> str:
    """A name that no other column has."""
    while name in taken:
        name += "_"
    return name


def _renamed(column: Column, name: str) -> Column:
    return column if column.name == name else replace(column, name=name)
