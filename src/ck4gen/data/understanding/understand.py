"""From a table as it was read to a plan, a clean table and a schema; all faults at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ck4gen.data.reading import Source
from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT, Schema
from ck4gen.data.understanding.at_risk import (
    described,
    entry_faults,
    stratum_faults,
    stratum_plan,
)
from ck4gen.data.understanding.blank_patterns import filled_apart, indicators
from ck4gen.data.understanding.column import understood
from ck4gen.data.understanding.column_plan import ASKED, ColumnPlan
from ck4gen.data.understanding.decimal_mark import Mark, decimal_marks
from ck4gen.data.understanding.duration import DurationPlan, duration_plan
from ck4gen.data.understanding.event import EventPlan, event_plan
from ck4gen.data.understanding.event_again import event_again
from ck4gen.data.understanding.faults import Fault, TableFaults
from ck4gen.data.understanding.few_events import few_events
from ck4gen.data.understanding.identifiers import AGES, BORN, born, named_identifier
from ck4gen.data.understanding.plan import Plan
from ck4gen.data.understanding.question import Question, check_names
from ck4gen.data.understanding.raw_column import RawColumn, as_numbers
from ck4gen.data.understanding.repeats import (
    a_time,
    duplicate_rows,
    ends,
    later_ends,
    repeated_patients,
    second_times,
    start_times,
)
from ck4gen.data.understanding.schema_file_plan import schema_file_plan
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import words

IMPUTE = "drop or impute such rows"


@dataclass(frozen=True)
class Understood:
    """A table, understood.

    Attributes:
        plan: How.
        table: Clean rows: covariates with NaN for a blank, indicators, duration, event.
        schema: Its columns.
    """

    plan: Plan
    table: pd.DataFrame
    schema: Schema


def understand(source: Source, question: Question, settings: Understanding) -> Understood:
    """Understand a table.

    Args:
        source: The table as it was read.
        question: Which columns are the outcome, and what else the user says.
        settings: The numbers by which decisions are made.

    Raises:
        TableFaults: It cannot be used; every reason is named.
    """
    check_names(source.frame, question, settings)
    columns = raw_columns(source)
    faults: list[Fault] = []
    times, events = _outcome(columns, question, settings, faults)
    covariates = [raw for name, raw in columns.items() if name not in question.outcome]
    left = [raw for raw in covariates if raw.name not in question.drop]
    faults += repeated_patients([r for r in left if not _settled(r, question)], settings)
    plans = _plans(covariates, question, settings, faults)
    if times and events:
        plan = Plan(
            times,
            events,
            plans,
            {},
            entry=question.entry or "",
            strata=tuple(question.strata),
            rows=len(source.frame),
        )
        return _finished(source, plan, columns, question, settings, faults)
    raise TableFaults(faults)


def raw_columns(source: Source) -> dict[str, RawColumn]:
    """The columns by name, each with its decimal mark."""
    marks = decimal_marks(source)
    return {name: _raw(name, source, marks.get(name, Mark())) for name in map(str, source.frame)}


def _raw(name: str, source: Source, mark: Mark) -> RawColumn:
    values = as_numbers(source.frame[name], mark.decimal)
    return RawColumn(name, values, mark.decimal, source.meanings.get(name, ""), mark.doubt)


def _outcome(
    columns: dict[str, RawColumn],
    question: Question,
    settings: Understanding,
    faults: list[Fault],
) -> tuple[DurationPlan | None, EventPlan | None]:
    entry = columns[question.entry_date] if question.entry_date else None
    times, wrong = duration_plan(columns[question.duration], entry, settings)
    faults += wrong
    if times and question.unit:
        times = replace(times, unit=question.unit)
    events, wrong = event_plan(columns[question.event], question, settings)
    faults += wrong
    if events and events.competing and question.entry:
        what = "delayed entry is not supported where causes compete"
        advice = "count the other causes as censored by --competing censor (data.competing)"
        faults.append(Fault(question.entry, what, advice))
    return times, events


def _settled(raw: RawColumn, question: Question) -> bool:
    return bool(question.column_plans and raw.name in question.column_plans)


def _plans(
    covariates: list[RawColumn],
    question: Question,
    settings: Understanding,
    faults: list[Fault],
) -> tuple[ColumnPlan, ...]:
    plans = []
    for raw in covariates:
        if raw.name in question.drop:
            plans.append(ColumnPlan(raw.name, drop=ASKED))
            continue
        schema_plan = (question.column_plans or {}).get(raw.name)
        answer = (
            schema_file_plan(schema_plan, raw, settings)
            if schema_plan
            else understood(raw, settings)
        )
        if isinstance(answer, Fault):
            faults.append(answer)
            continue
        if raw.name in question.strata and schema_plan is None:
            answer = stratum_plan(raw, answer, settings)
        plans.append(answer)
    return tuple(plans)


def _finished(
    source: Source,
    plan: Plan,
    columns: dict[str, RawColumn],
    question: Question,
    settings: Understanding,
    faults: list[Fault],
) -> Understood:
    """Check the rows against the plan, and complete it with what only the clean table tells."""
    outcome = plan.outcome(columns)
    times = outcome[DURATION].to_numpy(float)
    if plan.entry:
        faults += entry_faults(columns[plan.entry], outcome)
    kept = [columns[column.name] for column in plan.kept]
    open_to_doubt = [raw for raw in kept if not _settled(raw, question)]
    faults += start_times([r for r in open_to_doubt if not named_identifier(r.name)], times)
    plan = replace(plan, columns=_without_outcome(plan, columns, outcome, question, settings))
    covariates, wrong = plan.covariates(columns)
    faults += wrong
    if {c.name for c in plan.kept} <= {*plan.strata} and not faults:
        faults.append(
            Fault("", f"there is no covariate beside {_beside(plan)} that can be used", _why(plan))
        )
    blank = covariates.isna()
    for column in plan.columns:
        if column.name in plan.strata:
            missing = None if column.drop else blank[column.name].to_numpy()
            faults += stratum_faults(column, missing)
    if question.missing == "refuse":
        faults += [
            Fault.at(str(name), blank[name].to_numpy(), "nan is missing", IMPUTE)
            for name in covariates
            if blank[name].any()
        ]
    if faults:
        raise TableFaults(faults)
    kept_blanks = indicators(covariates, settings.min_cell) if question.missing == "keep" else {}
    names = {name for of in kept_blanks.values() for name in of}
    plan = replace(
        plan,
        blanks=kept_blanks,
        columns=tuple(
            _with_merged(_with_blanks(c, blank, names), covariates, columns) for c in plan.columns
        ),
        min_cell=settings.min_cell,
        events=int(outcome[EVENT].sum()),
        competing=tuple(
            int((outcome[CAUSE] == cause).sum()) for cause in plan.event.competing_codes
        ),
        follow_up=float(np.median(times - outcome.get(ENTRY, 0.0))),
    )
    schema = plan.schema({str(name) for name in covariates if blank[name].any()})
    notes = _table_notes(source, plan, open_to_doubt, times)
    notes += filled_apart(covariates, plan.blanks)
    notes += few_events(covariates, plan, outcome[EVENT].to_numpy() == 1, settings)
    plan = replace(plan, notes=tuple(notes))
    table = plan.table(covariates, outcome)
    if schema.strata:
        plan = replace(plan, stratification=_stratification(plan, table, schema))
    return Understood(plan, table, schema)


def _stratification(plan: Plan, table: pd.DataFrame, schema: Schema) -> str:
    """The strata in words."""
    by = {n: len(schema[plan.internal[n]].levels) or 2 for n in plan.strata}
    events = table[EVENT].groupby(schema.stratum(table))
    return described(by, pd.DataFrame({"patients": events.size(), "events": events.sum()}))


def _beside(plan: Plan) -> str:
    return "the outcome and the strata" if plan.strata else "the outcome"


def _why(plan: Plan) -> str:
    dropped = [f"{column.name}: {column.drop}" for column in plan.columns]
    return "; ".join(dropped[:3]) or "add one"


def _with_blanks(column: ColumnPlan, blank: pd.DataFrame, kept: Collection[str]) -> ColumnPlan:
    if column.drop or not blank[column.name].any():
        return column
    rows = int(blank[column.name].sum())
    done = "kept as blanks" if column.name in kept else "imputed"
    fact = f"{rows} blank ({rows / len(blank):.1%}), {done}"
    return replace(column, facts="; ".join(filter(None, (column.facts, fact))))


def _with_merged(
    column: ColumnPlan, covariates: pd.DataFrame, columns: dict[str, RawColumn]
) -> ColumnPlan:
    """With the rows whose cell has another spelling than its level."""
    if column.drop or not column.merge:
        return column
    level = covariates[column.name]
    merged = level.notna() & (level != columns[column.name].texts)
    return replace(column, merged_rows=int(merged.sum()))


def _without_outcome(
    plan: Plan,
    columns: dict[str, RawColumn],
    outcome: pd.DataFrame,
    question: Question,
    settings: Understanding,
) -> tuple[ColumnPlan, ...]:
    """Columns that are the outcome once more are dropped, unless the user's schema names them."""
    duration = outcome[DURATION].to_numpy(float)
    times = _times(plan, columns)
    end = ends(times, duration)
    ages = [numbers for name, numbers in times.items() if AGES & set(words(name))]
    entry = outcome[ENTRY].to_numpy(float) if plan.entry else None
    cause = outcome[CAUSE if plan.event.competing else EVENT].to_numpy(int)

    def checked(column: ColumnPlan) -> ColumnPlan:
        raw = columns[column.name]
        if column.drop or _settled(raw, question):
            return column
        if reason := event_again(raw, cause, column.kind, settings.outcome_share):
            return ColumnPlan(column.name, drop=reason)
        if column.kind == "date" and any(born(times[column.name], age) for age in ages):
            return ColumnPlan(column.name, drop=BORN)
        if column.kind == "numeric" and (reason := a_time(raw, duration, entry)):
            return ColumnPlan(column.name, drop=reason)
        if column.name in end:
            reason = f"the end of follow-up: {end[column.name]} and the duration"
            return ColumnPlan(column.name, drop=reason)
        return column

    return tuple(checked(column) for column in plan.columns)


def _times(plan: Plan, columns: dict[str, RawColumn]) -> dict[str, np.ndarray]:
    """Numbers, and dates in days, of the columns that may be the start or the end of follow-up."""
    times = {}
    for column in plan.columns:
        if column.kind == "numeric" and not column.drop:
            times[column.name] = columns[column.name].numbers
        elif column.kind == "date" and not column.drop:
            times[column.name] = column.apply(columns[column.name])[0].to_numpy(float)
            times[column.name] += pd.Timestamp(column.origin).toordinal()
    return times


def _table_notes(
    source: Source,
    plan: Plan,
    columns: list[RawColumn],
    times: np.ndarray,
) -> list[str]:
    notes = []
    if again := duplicate_rows(source.frame):
        notes.append(f"{again} rows stand in the table before, cell by cell")
    kept = {column.name for column in plan.kept}
    doubtful = [raw for raw in columns if raw.name in kept]
    start = plan.duration.name
    for name in [] if plan.entry else later_ends(doubtful, start, times):
        notes.append(
            f"{name} is later than {start} in every row: if {start} is the start of an interval "
            f"and {name} its end, the time is --duration {name} --entry {start}"
        )
    for name in second_times(doubtful, times):
        notes.append(f"{name} looks like a second follow-up time; drop it if it is an outcome")
    return notes
