"""What a user says of a table, and whether the table has what is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.faults import Fault, TableFaults
from ck4gen.data.understanding.settings import Understanding
from ck4gen.settings import choose, did_you_mean

MISSING = ("keep", "impute", "refuse")
COMPETING = ("keep", "censor")
NAMES_SHOWN = 12
CLUSTERS = (
    "leave the column out by --drop (data.drop), with standard errors that know of no clusters, or "
    "stratify by it with --strata (data.strata) where it has few levels"
)


@dataclass(frozen=True)
class Question:
    """What a user says of a table.

    Attributes:
        duration: Column of the time, or of the date of its end.
        event: Column of the event.
        entry_date: Column of the date of entry.
        entry: Column of the time at which a patient came under observation, where it is delayed.
        strata: Columns by which Cox models are stratified.
        cluster: Column that names clusters of patients, which are not supported.
        unit: Unit of the duration; None: as its column says.
        event_of_interest: Value of the event column that is the event.
        censored: Value of the event column in which nothing happened.
        competing: ``keep`` causes other than the event in the synthetic table, or ``censor`` them.
        drop: Columns to leave out.
        column_plans: Columns of a schema file.
        missing: ``keep`` blanks in the synthetic table, ``impute`` or ``refuse`` them.
    """

    duration: str
    event: str
    entry_date: str | None = None
    event_of_interest: str | None = None
    censored: str | None = None
    competing: str = "keep"
    drop: Collection[str] = ()
    column_plans: Mapping[str, ColumnPlan] | None = None
    missing: str = "keep"
    entry: str | None = None
    strata: Collection[str] = ()
    cluster: str | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        choose("missing", self.missing, MISSING)
        choose("competing", self.competing, COMPETING)

    @property
    def outcome(self) -> list[str]:
        """Columns of the outcome."""
        further = [name for name in (self.entry_date, self.entry) if name]
        return [self.duration, self.event, *further]


def check_names(frame: pd.DataFrame, question: Question, settings: Understanding) -> None:
    """Raise TableFaults where a column that is asked for is not there, or the size is wrong."""
    names = [str(name) for name in frame]
    shown = ", ".join(names[:NAMES_SHOWN]) + ", ..." * (len(names) > NAMES_SHOWN)
    roles = [("duration column", question.duration), ("event column", question.event)]
    if question.entry_date:
        roles.append(("entry date column", question.entry_date))
    if question.entry:
        roles.append(("entry column", question.entry))
    roles += [("stratum column", name) for name in question.strata]
    requested = [("column to drop", name) for name in question.drop]
    schema_names = [name for name in question.column_plans or {} if name not in question.outcome]
    requested += [("column of the schema", name) for name in schema_names]

    def near(name: str) -> str:
        several = [part.strip() for part in name.split(",")]
        dropped = name in question.drop and len(several) > 1
        if dropped and {*several} <= {*names}:  # a name may hold a comma, so none parts it
            return f"; these are {len(several)} of them: write blanks between their names"
        return did_you_mean(name, names)

    faults = [
        Fault("", f"there is no {role} '{name}'", f"the columns are {shown}{near(name)}")
        for role, name in [*roles, *requested]
        if name not in names
    ]
    if question.cluster:
        what = "clusters are not supported: patients are drawn one by one, and none is of a cluster"
        faults.append(Fault(question.cluster, what, CLUSTERS))
    if len(set(question.outcome)) < len(question.outcome):
        twice = next(n for n in question.outcome if question.outcome.count(n) > 1)
        what = f"'{twice}' has two roles in the outcome"
        faults.append(Fault(twice, what, "name one column for each"))
    faults += [
        Fault(name, f"cannot be a stratum and {other}", "name it once")
        for name in question.strata
        for other, names in (("part of the outcome", question.outcome), ("dropped", question.drop))
        if name in names
    ]
    left = len(names) - len(question.drop)
    if left > (most := settings.most_columns(len(frame))):
        what = f"there are {left} columns"
        advice = f"at most {most} can be used with {len(frame)} rows; keep those that matter"
        faults.append(Fault("", what, advice))
    if len(frame) < settings.min_rows:
        what = f"there are {len(frame)} rows"
        advice = f"at least {settings.min_rows} are needed (data.understanding.min_rows)"
        faults.append(Fault("", what, advice))
    if faults:
        raise TableFaults(faults)
