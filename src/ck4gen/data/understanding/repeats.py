"""Rows that are not one patient each: repeated rows, start and stop times, duplicates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.grid import step_of
from ck4gen.data.understanding.identifiers import named_identifier
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary, words

STARTS = vocabulary(
    """
    start tstart begin entry time0 t0 t1 from startday starttime entrytime
    """
)
ENDS = vocabulary(
    """
    stop tstop end time2 t2 to exit stoptime endtime exittime
    """
)
TIMES = vocabulary(
    """
    time days months years weeks survival surv os pfs dfs efs rfs ttp futime
    """
)
ONE_ROW = "one row per patient is supported: keep one row of each, or name its first or last time"
FEWEST_TIMES = 5  # different numbers below which a likeness to the duration means nothing
SAME = 0.999  # correlation of a time with itself in another unit
TOGETHER = 0.1  # share of rows in which two outcomes end together, as by the end of the study
NEARLY_ALL = 0.99  # of the rows: people make mistakes when they subtract
FEW_ROWS = 5  # the longest follow-up times, in which a pair of columns has to fit first
MOSTLY = 0.5  # a stay in hospital also ends with the death of some
ROUNDED = 1.0  # a start and an end are rounded to half a unit each, or to less
SLACK = 0.05  # of the standard deviation of the times, where that is wider
ROWS_PER_PATIENT = 10  # at most, on average, for a name to number patients rather than groups


def repeated_patients(columns: list[RawColumn], settings: Understanding) -> list[Fault]:
    """Columns that number patients and have a number more than once."""
    faults = []
    for raw in columns:
        rows = len(raw.values)
        if not named_identifier(raw.name):
            continue
        few = raw.distinct <= max(settings.max_levels, rows / ROWS_PER_PATIENT)
        if few or raw.distinct == rows or raw.blank.any():
            continue
        again = raw.texts.duplicated().to_numpy(bool)
        what = f"{raw.distinct} patients have {rows} rows"
        faults.append(Fault.at(raw.name, again, what, ONE_ROW))
    return faults


def start_times(columns: list[RawColumn], duration: np.ndarray) -> list[Fault]:
    """Columns that are the start of an interval whose end is the duration."""
    faults = []
    for raw in columns:
        spoken = {*words(raw.name)}
        named = "".join(words(raw.name)) in STARTS or (spoken & STARTS and spoken <= STARTS | TIMES)
        if not named or np.isnan(raw.numbers).any():
            continue  # a distance from the clinic is no start
        if (
            (raw.numbers >= 0).all()
            and (raw.numbers <= duration).all()
            and (raw.numbers < duration).mean() > 0.9
        ):
            faults.append(
                Fault(
                    raw.name,
                    "looks like the start of an interval that ends at the duration",
                    "name it by --entry (data.entry) where every row is one patient who came late "
                    "under observation, or drop it; time-varying covariates are not supported",
                )
            )
    return faults


def later_ends(columns: list[RawColumn], name: str, duration: np.ndarray) -> list[str]:
    """Columns that are the end of an interval whose start is what was called the duration.

    Args:
        columns: Columns that stay in the table.
        name: Name of the duration.
        duration: (n,) times.
    """
    return [
        raw.name
        for raw in columns
        if "".join(words(raw.name)) in ENDS | {f"{name.casefold()}2"}
        and (raw.numbers > duration).all()
    ]


def second_times(columns: list[RawColumn], duration: np.ndarray) -> list[str]:
    """Columns that look like another follow-up time: never above, or never below, the duration."""
    time_columns = []
    for raw in columns:
        if not TIMES & set(words(raw.name)):
            continue
        numbers = raw.numbers
        seen = ~np.isnan(numbers)
        if seen.sum() < 2 or len(np.unique(numbers[seen])) < 3:
            continue
        difference = numbers[seen] - duration[seen]
        one_sided = (difference <= 0).all() or (difference >= 0).all()
        if one_sided and (difference == 0).mean() > 0.1:
            time_columns.append(raw.name)
    return time_columns


def a_time(raw: RawColumn, duration: np.ndarray, entry: np.ndarray | None) -> str:
    """Which time of the outcome a column is; empty for none.

    Args:
        raw: The column.
        duration: (n,) times.
        entry: (n,) entry times, where patients enter late.
    """
    if same_time(raw, duration):
        return "the duration once more, in another unit"
    if entry is not None:
        if same_time(raw, entry):
            return "the entry once more, in another unit"
        if same_time(raw, duration - entry) or nearly_all(raw, duration - entry):
            return "the time under observation: the duration less the entry"
    return "the time of another outcome" if other_outcome(raw, duration) else ""


def nearly_all(raw: RawColumn, times: np.ndarray) -> bool:
    """Whether a column is a time, up to rounding and a few mistakes."""
    many = len(np.unique(raw.numbers)) >= FEWEST_TIMES
    slack = _slack(_rounding(raw.numbers), times)
    return bool(many and _is_later(raw.numbers, np.zeros_like(times), times, float(slack)))


def same_time(raw: RawColumn, duration: np.ndarray) -> bool:
    """Whether a column is the duration itself in another unit or on a scale such as its logarithm.

    Up to rounding: the numbers lie on a line with the times, or are in their order.
    """
    seen = ~np.isnan(raw.numbers)
    numbers, times = raw.numbers[seen], duration[seen]
    if len(np.unique(numbers)) < FEWEST_TIMES or not times.std():
        return False
    if float(np.corrcoef(numbers, times)[0, 1]) > SAME:
        return True
    ranks = [pd.Series(part).rank().to_numpy() for part in (numbers, times)]
    return abs(float(np.corrcoef(*ranks)[0, 1])) > SAME


def other_outcome(raw: RawColumn, duration: np.ndarray) -> bool:
    """Whether a column is a time of another outcome.

    It is never before the duration and often the same, or never after it and mostly the same.
    """
    seen = ~np.isnan(raw.numbers)
    numbers, times = raw.numbers[seen], duration[seen]
    if len(np.unique(numbers)) < FEWEST_TIMES or not seen.all():
        return False
    same = (numbers == times).mean()
    if len(np.unique(numbers[numbers == times])) < FEWEST_TIMES:
        return False  # counts of 1 and follow-up to month 1 are the same by chance
    later, sooner = (numbers >= times).all(), (numbers <= times).all()
    return bool((later and same > TOGETHER) or (sooner and same > MOSTLY))


def ends(times: dict[str, np.ndarray], duration: np.ndarray) -> dict[str, str]:
    """Columns that are the end of follow-up: another column, the start, plus the duration.

    Args:
        times: (n,) numbers of each column, dates in days.
        duration: (n,) times.

    Returns:
        The end -> the start.
    """
    complete = [name for name, numbers in times.items() if not np.isnan(numbers).any()]
    complete = [name for name in complete if len(np.unique(times[name])) >= FEWEST_TIMES]
    if len(complete) < 2:
        return {}
    numbers = np.stack([times[name] for name in complete])
    halves = np.array([_rounding(values) for values in numbers], np.float32)
    slack = _slack(halves[:, None] + halves, duration)
    fitting = np.zeros((len(complete), len(complete)), int)
    for row in np.argsort(-duration, kind="stable")[:FEW_ROWS]:  # thousands of columns have pairs
        column = numbers[:, row]
        fitting += np.abs(column[:, None] - column - duration[row]) <= slack
    np.fill_diagonal(fitting, 0)
    return {
        complete[end]: complete[start]
        for end, start in np.argwhere(fitting >= FEW_ROWS - 1)
        if _is_later(numbers[end], numbers[start], duration, slack[end, start])
    }


def _rounding(numbers: np.ndarray) -> float:
    """Half of the grid of a column: what its numbers may be off by rounding, at most half a unit.

    Args:
        numbers: (n,) values without NaN.
    """
    return min(step_of(numbers), ROUNDED) / 2


def _slack(rounding: np.ndarray | float, time: np.ndarray) -> np.ndarray:
    """How far columns may be off that differ by a time, at most one unit.

    Args:
        rounding: Of the columns, together.
        time: (n,) times.
    """
    return np.minimum(np.maximum(rounding + _rounding(time), SLACK * time.std()), ROUNDED)


def _is_later(end: np.ndarray, start: np.ndarray, time: np.ndarray, slack: float) -> bool:
    """Whether one column is another plus a time, which tells more of it than the other alone.

    Of numbers that are as small as the times, such as shares, any two columns are close.

    Args:
        end: (n,) the later one.
        start: (n,) the other.
        time: (n,) the time between them.
        slack: How far it may be off.
    """
    fits = np.abs(end - start - time) <= slack
    later, left = (end - start)[fits], (end - start - time)[fits]
    return bool(fits.mean() >= NEARLY_ALL and left.var() < later.var())


def duplicate_rows(frame: pd.DataFrame) -> int:
    """Rows that stand in the table before, in every cell."""
    try:
        return int(frame.duplicated().sum())
    except TypeError:  # a cell that cannot be compared, which another question refuses
        return 0
