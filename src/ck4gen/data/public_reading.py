"""A user's table as its public description reads it: each row by itself, and nothing by rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.public_cell import cells_of, level_reader, number_reader, unknown_by
from ck4gen.data.public_column import PublicColumn
from ck4gen.data.public_outcome import SAID, event_of, outcome_of
from ck4gen.data.public_table import PublicTable
from ck4gen.data.reading import Source
from ck4gen.data.reading.by_names import check_there
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.understanding import Plan, Question, Understanding, Understood
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.duration import DurationPlan
from ck4gen.data.understanding.faults import Fault, TableFaults
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.repeats import repeated_patients
from ck4gen.settings import InputError

UNKNOWN_TO_IT = "the public description lacks it"
UNREADABLE = 0.5  # share of the cells that are no blank, above which a description cannot be right


def names_read(public: PublicTable, question: Question) -> list[str]:
    """The columns that a public reading looks at.

    Raises:
        InputError: A column has two roles, or the question asks for what such a reading has not.
    """
    names = [column.name for column in public]
    asked = {
        "delayed entry": question.entry,
        "strata": question.strata,
        "clusters": question.cluster,
        "schema file": question.column_plans,
    }
    if had := [what for what, value in asked.items() if value]:
        raise InputError(
            f"a table that is read by its public description has no {' and no '.join(had)}; leave "
            "it out"
        )
    if question.entry_date and public.duration_unit != "days":
        raise InputError(
            f"from one date to another are days, and the public description has duration_unit "
            f"{public.duration_unit}; give horizon and duration_unit in days"
        )
    for name in names:
        if name in (*question.outcome, DURATION, EVENT):
            raise InputError(
                f"the public description has a column '{name}', which is the outcome's name; "
                "describe covariates alone, and rename one that is called like the outcome"
            )
        if name in question.drop:
            raise InputError(f"column '{name}' is to be dropped; drop it from the description too")
    return [*names, *question.outcome]


def read_publicly(
    source: Source, question: Question, public: PublicTable, settings: Understanding
) -> Understood:
    """Read a table by its public description.

    A covariate's cell that is no public level or number is unknown. A table is refused where an
    outcome cannot be read, or most cells of a column.

    Args:
        source: The table as it was read.
        question: Which columns are the outcome, and which values of the event are what.
        public: The public description.
        settings: By which a column is known that numbers patients: a guarantee is one for a row.

    Raises:
        InputError: It cannot be read so; every reason is named.
    """
    names, frame = names_read(public, question), source.frame
    check_there(names, list(frame))
    cells = {name: cells_of(frame[name]) for name in names}
    left_out = [name for name in frame if name not in {*names, *question.drop}]
    faults = repeated_patients([RawColumn(name, frame[name]) for name in left_out], settings)
    event = event_of(question, public)
    outcome = outcome_of(cells, question, public, event, faults)
    columns = [_read(column, cells[column.name], public) for column in public]
    faults += [column.fault for column in columns if column.fault]
    if faults:
        raise TableFaults(faults)
    table = public.read(
        pd.DataFrame({column.public.name: column.values for column in columns} | outcome)
    )
    duration = DurationPlan(question.duration, question.entry_date or "", public.duration_unit)
    plan = Plan(
        duration,
        event,
        (
            *(column.plan for column in columns),
            *(ColumnPlan(name, drop=UNKNOWN_TO_IT) for name in left_out),
        ),
        {},
        rows=len(table),
        events=int(table[EVENT].sum()),
        follow_up=float(np.median(table[DURATION])) if len(table) else 0.0,
    )
    return Understood(plan, _written(table, public), public.schema)


@dataclass(frozen=True)
class _Read:
    """A covariate, read."""

    public: PublicColumn
    values: pd.Series
    plan: ColumnPlan
    fault: Fault | None


def _read(column: PublicColumn, cells: list[object], public: PublicTable) -> _Read:
    """A covariate's levels and numbers, and for the custodian how many cells are none."""
    numeric = column.kind == "numeric"
    read: Callable[[object], float] = (
        number_reader(public, column.unit, column.codes)
        if numeric
        else level_reader(column.levels, column.codes)
    )
    values = np.array([read(cell) for cell in cells], float)
    coded, is_unknown = np.isnan(values), unknown_by(column.codes)
    coded[coded] = [is_unknown(cells[row]) for row in np.flatnonzero(coded)]
    odd = np.isnan(values) & ~coded
    beyond = numeric and (values < column.low) | (values > column.high)
    what = "number" if numeric else "level"
    counts = {f"no public {what}, so unknown": odd, "beyond the range, so at its end": beyond}
    facts = [f"{np.sum(rows)} cells {said}" for said, rows in counts.items() if np.any(rows)]
    facts += [f"{coded.sum()} blank, without missing: true"] * bool(
        coded.any() and not column.missing
    )
    plan = ColumnPlan(
        column.name,
        column.kind,
        levels=column.levels if column.kind == "categorical" else (),
        ordered=column.ordered,
        missing=column.codes,
        integer=numeric and column.decimals <= 0,
        unit=column.unit,
        meaning=column.meaning,
        facts="; ".join([SAID, *facts]),
    )
    fault = None
    if odd.sum() > UNREADABLE * (~coded).sum():
        advice = "correct levels, unit, decimal_mark and thousands_mark of the public description"
        fault = Fault.at(column.name, odd, f"most cells are no public {what}", advice)
    written = (
        pd.Series(values) if numeric else pd.Series(values).map(dict(enumerate(column.levels)))
    )
    return _Read(column, written, plan, fault)


def _written(table: pd.DataFrame, public: PublicTable) -> pd.DataFrame:
    """Codes of categories as their levels; codes of two values stay."""
    names = {c.name: dict(enumerate(c.levels)) for c in public if c.kind == "categorical"}
    return table.assign(**{name: table[name].map(levels) for name, levels in names.items()})
