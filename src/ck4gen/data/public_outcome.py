"""The outcome of a user's table by its public description: each row by itself."""

from __future__ import annotations

import numpy as np

from ck4gen.data.public_cell import days_between, duration_reader, is_blank, level_reader
from ck4gen.data.public_table import PublicTable
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.understanding import Question
from ck4gen.data.understanding.event import CENSORED_OPTION, OPTION, EventPlan
from ck4gen.data.understanding.faults import Fault
from ck4gen.settings import InputError

SAID = "as the public description says"


def event_of(question: Question, public: PublicTable) -> EventPlan:
    """How the event is read: as the question or the description says, else as 1 and 0.

    Raises:
        InputError: One value is both the event and that of a censored row.
    """
    happened = question.event_of_interest or public.happened or "1"
    censored = question.censored or public.censored or "0"
    if happened == censored:
        raise InputError(
            f"'{happened}' cannot be both the event and the value of a censored row; give event: "
            "{happened: VALUE, censored: VALUE} in the public description"
        )
    return EventPlan(question.event, happened, censored, SAID)


def outcome_of(
    cells: dict[str, list[object]],
    question: Question,
    public: PublicTable,
    plan: EventPlan,
    faults: list[Fault],
) -> dict[str, np.ndarray]:
    """(n,) durations and (n,) events; rows without are added to the faults.

    Args:
        cells: The cells of each column, by its name.
        question: Which columns are the outcome.
        public: How times and dates are written.
        plan: Which values of the event are what.
        faults: What is wrong with the table.
    """
    ends = cells[question.duration]
    if question.entry_date:
        pairs = zip(cells[question.entry_date], ends, strict=True)
        time = np.array([days_between(start, end, public) for start, end in pairs], float)
        what = f"no time from a date in '{question.entry_date}' to a later one"
        form = public.date_format or "2024-01-31"
        advice = f"write dates as {form}, give date_format in the public description, or leave "
    else:
        read_time = duration_reader(public)
        time = np.array([read_time(cell) for cell in ends], float)
        what = "no number of at least 0"
        advice = "correct it, give decimal_mark in the public description, or leave "
    if np.isnan(time).any():
        faults.append(Fault.at(question.duration, np.isnan(time), what, advice + "the row out"))
    read_event = level_reader((plan.censored, plan.happened))
    event = np.array([read_event(cell) for cell in cells[question.event]], float)
    if question.competing == "censor":  # any other cause ends the follow-up without the event
        blank = np.array([is_blank(cell) for cell in cells[question.event]], bool)
        event = np.where(np.isnan(event) & ~blank, 0.0, event)
    if np.isnan(event).any():
        what = f"neither '{plan.happened}', the event, nor '{plan.censored}', censored"
        advice = (
            "give event: {happened: VALUE, censored: VALUE} in the public description, or "
            f"{OPTION} and {CENSORED_OPTION}; causes that compete are not kept"
        )
        faults.append(Fault.at(question.event, np.isnan(event), what, advice))
    return {DURATION: time, EVENT: event}
