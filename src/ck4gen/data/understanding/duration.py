"""The time to the event or to censoring: a number, or the days between two dates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ck4gen.data.understanding.dates import ambiguous, date_format, missing_dates, parsed
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.missing_codes import missing_numbers
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import words

UNITS = {
    "days": {"day", "days", "d"},
    "weeks": {"week", "weeks", "wk", "wks"},
    "months": {"month", "months", "mo", "mos", "mth", "mths", "mon"},
    "years": {"year", "years", "yr", "yrs", "y"},
    "hours": {"hour", "hours", "h", "hrs"},
}
UNKNOWN_UNIT = "as in the source table"
LEAST_CODE = 66  # 7, 8 and 9 may be times
CODED = "give it, or leave the row out"
NUMBER_NEEDED = "a duration must be a number of at least 0"
EXCHANGE = "correct it, or exchange the columns of --duration and --entry-date"


@dataclass(frozen=True)
class DurationPlan:
    """How the duration is read.

    Attributes:
        name: Column of the time, or of the date of its end.
        entry: Column of the date of entry; empty where the time is a number.
        unit: Unit.
        formats: How the two dates are written, the end first.
        notes: What the user should know.
    """

    name: str
    entry: str = ""
    unit: str = UNKNOWN_UNIT
    formats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def apply(self, end: RawColumn, entry: RawColumn | None) -> np.ndarray:
        """(n,) durations; NaN where there is none."""
        if entry is None:
            return end.numbers
        stop, start = (
            parsed(raw, form) for raw, form in zip((end, entry), self.formats, strict=True)
        )
        return (stop - start).dt.days.to_numpy(float)


def duration_plan(
    end: RawColumn, entry: RawColumn | None, settings: Understanding
) -> tuple[DurationPlan | None, list[Fault]]:
    """How the time is read, or why it cannot be.

    Args:
        end: Column of the time, or of the date of its end.
        entry: Column of the date of entry, where the user names one.
        settings: ``extreme_ratio`` marks a time that cannot be.
    """
    form = date_format(end)
    if entry is None:
        if form is not None:
            advice = "give the date of entry as well, by --entry-date (data.entry_date)"
            return None, [Fault(end.name, "holds dates, and a duration is needed", advice)]
        notes = tuple(f"{end.name}: {remark}" for remark in end.remarks)
        plan = DurationPlan(end.name, unit=unit_of(end.name), notes=notes)
    else:
        forms = (form, date_format(entry))
        for raw, written in zip((end, entry), forms, strict=True):
            if written is None and raw is end and raw.is_number:
                what = "holds numbers, and beside a date of entry the date of the end is needed"
                return None, [Fault(raw.name, what, "give no --entry-date, or name that date")]
            if written is None:
                what = "holds no dates, or some cells are none"
                return None, [Fault(raw.name, what, "correct them, as 2024-01-31")]
            if missing := missing_dates(raw, written):
                rows = raw.texts.isin(missing).to_numpy(bool)
                what = f"{missing[0]} is far from all other dates: the date is missing"
                return None, [Fault.at(raw.name, rows, what, CODED)]
        notes = tuple(
            f"{raw.name}: day and month could be told the other way"
            for raw, written in zip((end, entry), forms, strict=True)
            if written is not None and ambiguous(raw, written)
        )
        plan = DurationPlan(end.name, entry.name, "days", tuple(map(str, forms)), notes)
    times = plan.apply(end, entry)
    if entry is not None and (times < 0).any():
        what = f"the date lies before that in '{entry.name}'"
        return None, [Fault.at(end.name, times < 0, what, EXCHANGE)]
    if faults := _faults(times, end, settings):
        return None, faults
    return _without_codes(plan, times)


def _without_codes(
    plan: DurationPlan, times: np.ndarray
) -> tuple[DurationPlan | None, list[Fault]]:
    """Usual codes for a blank far beyond all other times: wrong in several rows, said of one."""
    codes = [code for code in missing_numbers(times) if code >= LEAST_CODE]
    if plan.entry or not codes:
        return plan, []
    what = "is far beyond all other times, as a code for a missing one"
    faults = [
        Fault.at(plan.name, times == code, f"{code:g} {what}", CODED)
        for code in codes
        if (times == code).sum() > 1
    ]
    if faults:
        return None, faults
    return replace(
        plan, notes=(*plan.notes, *[f"{plan.name}: {code:g} {what}" for code in codes])
    ), []


def _faults(times: np.ndarray, end: RawColumn, settings: Understanding) -> list[Fault]:
    name = end.name
    missing, infinite = np.isnan(times), np.isinf(times)
    faults = []
    if missing.any():
        values = end.texts[missing]
        value = values.iloc[0][:40] or "nan"
        others = " (and others)" * (values.nunique() > 1)
        what = f"{value}{others} is missing or no number"
        faults.append(Fault.at(name, missing, what, NUMBER_NEEDED))
    if infinite.any():
        faults.append(Fault.at(name, infinite, "inf is infinite", "correct it"))
    negative = times < 0
    if negative.any():
        what = f"{times[negative][0]:g} is negative"
        faults.append(Fault.at(name, negative, what, NUMBER_NEEDED))
    if not faults and (times == times[0]).all():
        what = f"every duration is {times[0]:g}"
        faults.append(Fault(name, what, "name the column that holds the times"))
    usual = np.nanquantile(np.abs(times), 0.95) if not missing.all() else np.nan
    huge = times > settings.extreme_ratio * max(usual, 1)
    if not faults and huge.any():
        what = f"{times[huge][0]:g} is more than {settings.extreme_ratio:g} times the usual times"
        faults.append(Fault.at(name, huge, what, "correct it"))
    return faults


def unit_of(name: str) -> str:
    """The unit that a name says."""
    spoken = words(name)
    return next((unit for unit, names in UNITS.items() if names & set(spoken)), UNKNOWN_UNIT)
