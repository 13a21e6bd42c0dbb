"""The descriptive table in a file of published numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ck4gen.data.public_column import PublicColumn, level_text
from ck4gen.data.public_table_file import public_column
from ck4gen.data.schema import CAUSE, DURATION, EVENT
from ck4gen.described.published.faults import Faults
from ck4gen.described.published.numbers import PublishedColumn

SHARES = ("counts", "shares")
OF_LEVELS = (*SHARES, "ordered", "meaning")
NUMBERS = ("low", "high", "decimals", "mean", "sd", "median")
OF_NUMERIC = (*NUMBERS, "quartiles", "scale", "unit", "meaning")
ROUNDING = 0.005  # of a printed share


def published_columns(
    columns: Mapping, patients: int | None, faults: Faults
) -> tuple[PublishedColumn, ...]:
    """The columns that could be read; what is wrong goes to ``faults``.

    Args:
        columns: By name, what the file says of a column.
        patients: Number of patients, None where it is not known.
        faults: Where faults are noted.
    """
    made = []
    for name, entry in columns.items():
        where = f"columns.{name}"
        if name in (DURATION, EVENT, CAUSE):
            faults.append(f"{where} has the name of an outcome; call it otherwise")
        if not isinstance(entry, Mapping):
            faults.append(f"{where} is empty; give counts or shares of levels, or mean and sd")
        elif any(key in entry for key in SHARES):
            made.append(_levels(str(name), entry, patients, faults))
        else:
            made.append(_numeric(str(name), entry, faults))
    return tuple(column for column in made if column is not None)


def _levels(
    name: str, entry: Mapping, patients: int | None, faults: Faults
) -> PublishedColumn | None:
    before, where = len(faults), f"columns.{name}"
    faults.keys(f"{where}.", entry, OF_LEVELS)
    kind = next(key for key in SHARES if key in entry)
    cells = faults.mapping(f"{where}.{kind}", entry[kind], "a number for each level")
    numbers = [faults.number(f"{where}.{kind}.{level}", cell) for level, cell in cells.items()]
    levels = [level_text(level) for level in cells]
    if set(levels) == {"0", "1"}:  # the reference of a binary is 0, whatever is listed first
        numbers, levels = [numbers[levels.index(level)] for level in ("0", "1")], ["0", "1"]
    plain = {key: entry[key] for key in ("ordered", "meaning") if key in entry}
    public, wrong = public_column(name, plain | {"levels": levels})
    faults += [f"{where}: {fault}" for fault in wrong]
    if len(faults) > before:
        return None
    shares = np.array(numbers, float)
    total = 1 if kind == "shares" else patients
    slack = ROUNDING * len(shares) if kind == "shares" else 0
    if not (shares > 0).all():
        faults.append(f"{where}.{kind} must be above 0 for each level; leave out empty levels")
    elif total is not None and abs(shares.sum() - total) > slack + 1e-9:
        faults.append(f"{where}.{kind} add up to {shares.sum():g} and not to {total}")
    return None if len(faults) > before else PublishedColumn(public, shares / shares.sum())


def _numeric(name: str, entry: Mapping, faults: Faults) -> PublishedColumn | None:
    before, where = len(faults), f"columns.{name}"
    faults.keys(f"{where}.", entry, OF_NUMERIC)
    for key in NUMBERS:
        if key in entry:
            faults.number(f"{where}.{key}", entry[key])
    quartiles = _quartiles(where, entry, faults)
    if not quartiles and not {"mean", "sd"} <= set(entry):
        faults.append(f"{where} needs mean and sd, or median and quartiles")
    if not isinstance(entry.get("decimals", 0), int):
        faults.append(f"{where}.decimals must be a whole number")
    if len(faults) > before:
        return None
    plain = {k: v for k, v in entry.items() if k not in ("mean", "sd", "median", "quartiles")}
    public, wrong = public_column(name, plain)
    faults += [f"{where}: {fault}" for fault in wrong]
    if wrong:
        return None
    made = PublishedColumn(public, np.empty(0), entry.get("mean"), entry.get("sd"), quartiles)
    faults += [f"{where}: {fault}" for fault in _impossible(made)]
    return None if len(faults) > before else made


def _quartiles(where: str, entry: Mapping, faults: Faults) -> tuple[float, ...]:
    """Lower quartile, median and upper one; empty where none are given."""
    if "median" not in entry and "quartiles" not in entry:
        return ()
    if "mean" in entry or "sd" in entry:
        faults.append(f"{where} has two descriptions; give mean and sd, or median and quartiles")
    ends = entry.get("quartiles")
    if "median" not in entry or not isinstance(ends, list) or len(ends) != 2:
        faults.append(f"{where} needs median: number and quartiles: [lower, upper]")
        return ()
    quartiles = [faults.number(f"{where}.quartiles", end) for end in ends]
    if None in quartiles or not isinstance(entry["median"], int | float):
        return ()
    return float(ends[0]), float(entry["median"]), float(ends[1])


def _impossible(column: PublishedColumn) -> list[str]:
    """What no numbers between low and high can have."""
    public: PublicColumn = column.public
    low, high = public.low, public.high
    if public.scale == "log" and low < 0:
        return ["a column on the log scale cannot be negative; set low, or scale: linear"]
    if column.quartiles:
        points = (low, *column.quartiles, high)
        if list(points) != sorted(points):
            return [
                f"low, quartiles and high must rise, and are {', '.join(f'{p:g}' for p in points)}"
            ]
        return []
    mean, sd = column.mean or 0.0, column.sd or 0.0
    if not low < mean < high:
        return [f"mean {mean:g} is not between low {low:g} and high {high:g}"]
    if not sd > 0:
        return ["sd must be above 0"]
    most = float(np.sqrt((mean - low) * (high - mean)))
    if sd >= most:
        return [f"sd {sd:g} is impossible: between low and high it is below {most:.3g}"]
    return []
