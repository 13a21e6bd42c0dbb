"""What is publicly known of a table before anybody has looked at its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.data.yaml_file import read_mapping
from ck4gen.settings import InputError

SCALES = ("linear", "log")
OF_COLUMN = (
    "levels",
    "ordered",
    "low",
    "high",
    "decimals",
    "scale",
    "missing",
    "follows",
    "cuts",
    "meaning",
    "unit",
)
WRITTEN = ("decimal_mark", "thousands_mark", "date_format")  # how cells are written
STATES = ("happened", "censored")  # values of the event column
OF_TABLE = (
    "horizon",
    "decimals",
    "duration_unit",
    "event_meaning",
    *WRITTEN,
    "event",
    "columns",
)
PLAIN = ("horizon", "decimals", "duration_unit", "event_meaning")
MARKS = (".", ",", " ", "'", "")


@dataclass(frozen=True)
class PublicColumn:
    """What a column can hold, whatever it does hold.

    Attributes:
        name: Its name.
        levels: What a categorical can be, the Cox reference first; 0 and 1 make a binary; empty
            for a numeric.
        ordered: Whether the levels have an order.
        low: Smallest number that it can be.
        high: Largest number.
        decimals: Digits after the point.
        scale: ``linear``, or ``log`` where patients spread over orders of magnitude.
        missing: Whether a patient's value may be unknown.
        codes: Texts that stand for an unknown value, as -9.
        follows: The numeric column that a category is a banding of, by definition.
        cuts: Where it is cut: a level begins at each of these numbers.
        meaning: What it measures.
        unit: Unit of a numeric.
    """

    name: str
    levels: tuple[str, ...] = ()
    ordered: bool = False
    low: float = 0.0
    high: float = 0.0
    decimals: int = 0
    scale: str = "linear"
    missing: bool = False
    codes: tuple[str, ...] = ()
    follows: str = ""
    cuts: tuple[float, ...] = ()
    meaning: str = ""
    unit: str = ""

    @property
    def kind(self) -> str:
        """As in :class:`Column`."""
        if not self.levels:
            return "numeric"
        return "binary" if set(self.levels) == {"0", "1"} else "categorical"

    @property
    def step(self) -> float:
        """Distance of neighbouring values."""
        return float(10.0**-self.decimals)

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """(n,) numbers -> on the column's scale; log(x + step) where it begins at 0 or below."""
        if self.scale == "linear":
            return values
        return np.log(values - self.low + self.step if self.low <= 0 else values)

    def unscaled(self, values: np.ndarray) -> np.ndarray:
        """The inverse of :meth:`scaled`, on the column's grid and within its range."""
        if self.scale == "log":
            values = np.exp(values) + (self.low - self.step if self.low <= 0 else 0.0)
        return np.round(values, self.decimals).clip(self.low, self.high)

    def read(self, values: pd.Series) -> np.ndarray:
        """(n,) cells -> numbers within the range, or codes of the levels; NaN where unknown.

        Each cell by itself: what stands in other rows changes nothing.
        """
        if self.kind == "numeric":
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
            return np.round(numbers.clip(self.low, self.high), self.decimals)
        codes = {level: float(code) for code, level in enumerate(self.levels)}
        texts = values.map(level_text, na_action="ignore")
        return texts.map(codes).astype(float).to_numpy()

    def column(self) -> Column:
        """The column of a schema."""
        return Column(
            self.name,
            self.kind,
            self.meaning,
            self.unit,
            self.levels if self.kind == "categorical" else (),
            integer=self.kind == "numeric" and self.decimals <= 0,
            ordered=self.ordered,
        )


@dataclass(frozen=True)
class PublicTable:
    """The public description of a table.

    Attributes:
        columns: Its covariates.
        horizon: End of follow-up in the unit of the duration, as planned.
        decimals: Digits of the duration after the point.
        duration_unit: Unit of the duration.
        event_meaning: What an event is.
        decimal_mark: Decimal mark of numbers that a user's file holds as texts.
        thousands_mark: Mark between their thousands; empty where there is none.
        date_format: How a user's file writes dates, as ``%d.%m.%Y``; empty: as 2024-01-31.
        happened: Value of a user's event column where the event happened; empty: 1.
        censored: Its value where the follow-up ended without it; empty: 0.
    """

    columns: tuple[PublicColumn, ...]
    horizon: float
    decimals: int = 0
    duration_unit: str = "days"
    event_meaning: str = "event observed"
    decimal_mark: str = "."
    thousands_mark: str = ""
    date_format: str = ""
    happened: str = ""
    censored: str = ""

    def __iter__(self) -> Iterator[PublicColumn]:
        return iter(self.columns)

    @property
    def free(self) -> tuple[PublicColumn, ...]:
        """The columns that follow from no other one."""
        return tuple(column for column in self.columns if not column.follows)

    def completed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Numbers and codes of the free columns -> those of all, in order.

        Args:
            rows: (n, f) numbers and codes of the free columns, none unknown.
        """
        columns = {
            c.name: np.searchsorted(c.cuts, rows[c.follows], side="right").astype(float)
            if c.follows
            else rows[c.name].to_numpy()
            for c in self.columns
        }
        return pd.DataFrame(columns, index=rows.index)

    @property
    def schema(self) -> Schema:
        """The schema of the synthetic table."""
        columns = tuple(column.column() for column in self.columns)
        return Schema(columns, self.duration_unit, self.event_meaning)

    def read(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows as numbers and codes, outcome within the horizon; each row by itself.

        An event beyond the horizon is censored at it.

        Args:
            table: (n, >= p + 2) rows with these columns, ``duration`` and ``event``.
        """
        read = {column.name: column.read(table[column.name]) for column in self.columns}
        time = pd.to_numeric(table[DURATION], errors="coerce").to_numpy(float)
        event = pd.to_numeric(table[EVENT], errors="coerce").to_numpy(float)
        has_outcome = np.isfinite(time) & np.isin(event, (0, 1))
        time = np.where(has_outcome, time, 0.0)
        happened = np.where(has_outcome & (time <= self.horizon), event, 0.0)
        return pd.DataFrame(
            {**read, DURATION: time.clip(0, self.horizon), EVENT: happened}, index=table.index
        )

    def to_state(self) -> dict:
        """As :func:`public_table` reads it."""
        columns = {}
        for c in self.columns:
            entry: dict = {"meaning": c.meaning} if c.meaning else {}
            if c.kind == "numeric":
                entry |= {"low": c.low, "high": c.high, "decimals": c.decimals, "scale": c.scale}
                entry |= {"unit": c.unit} if c.unit else {}
            else:
                entry |= {"levels": list(c.levels), "ordered": c.ordered}
            entry |= {"follows": c.follows, "cuts": list(c.cuts)} if c.follows else {}
            columns[c.name] = entry | ({"missing": list(c.codes) or True} if c.missing else {})
        plain = {name: getattr(self, name) for name in PLAIN}
        written = {name: value for name in WRITTEN if (value := getattr(self, name))}
        written = {} if written == {"decimal_mark": "."} else written
        event = {name: value for name in STATES if (value := getattr(self, name))}
        return plain | written | ({"event": event} if event else {}) | {"columns": columns}


def public_table(state: Mapping, where: str) -> PublicTable:
    """The description that a YAML file holds.

    Args:
        state: Its content.
        where: Name of the file, for messages.

    Raises:
        InputError: Every fault of it.
    """
    faults = _unknown(state, OF_TABLE)
    columns = state.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        faults.append("columns is missing; give each covariate its levels, or low and high")
        columns = {}
    made = []
    for name, entry in columns.items():
        column, wrong = public_column(str(name), entry)
        faults += [f"columns.{name}: {fault}" for fault in wrong]
        made.append(column)
    numeric = {column.name for column in made if column.kind == "numeric"}
    faults += [
        f"columns.{c.name}: it follows '{c.follows}', which is no numeric column"
        for c in made
        if c.follows and c.follows not in numeric
    ]
    horizon = state.get("horizon")
    if not isinstance(horizon, int | float) or not horizon > 0:
        faults.append("horizon is missing; give the planned end of follow-up, above 0")
        horizon = 1
    written = _written(state, faults)
    if faults:
        raise InputError(f"{where} does not describe a table: {'; '.join(faults)}")
    plain = {name: state[name] for name in PLAIN if name in state}
    return PublicTable(tuple(made), **plain | written | {"horizon": float(horizon)})


def _written(state: Mapping, faults: list[str]) -> dict[str, str]:
    """How a user's file writes numbers, dates and events; what is wrong is added to the faults."""
    written = {name: str(state[name]) for name in WRITTEN if state.get(name) is not None}
    decimal, thousands = written.get("decimal_mark", "."), written.get("thousands_mark", "")
    if decimal not in MARKS[:2] or thousands not in MARKS or decimal == thousands:
        faults.append(
            "decimal_mark is '.' or ',', and thousands_mark another one of '.', ',', ' ' and \"'\""
        )
    event = state.get("event") or {}
    if not isinstance(event, Mapping) or set(event) - set(STATES):
        faults.append("event must be {happened: VALUE, censored: VALUE}")
        return written
    states = {name: level_text(event[name]) for name in STATES if event.get(name) is not None}
    if len(states) == 2 and len(set(states.values())) == 1:
        faults.append("event has one value for happened and censored")
    return written | states


def read_public_table(file: Path) -> PublicTable:
    """The description in a YAML file, or the one by which a ``private_release.json`` was made.

    Raises:
        InputError: There is no such file, or every fault of it.
    """
    try:
        release = json.loads(file.read_text(encoding="utf-8"))
        return public_table(release["description"]["public"], file.name)
    except (OSError, ValueError, KeyError, TypeError):  # YAML, or a refusal of its own
        return public_table(read_mapping("the public description", file), file.name)


def public_column(name: str, entry: object) -> tuple[PublicColumn, list[str]]:
    """A column, and what is wrong with its description."""
    if not isinstance(entry, Mapping):
        return PublicColumn(name), ["give it levels, or low and high"]
    faults = _unknown(entry, OF_COLUMN)
    options = {key: value for key, value in entry.items() if key in OF_COLUMN}
    if isinstance(options.get("missing"), list):
        options |= {"codes": tuple(map(level_text, options["missing"])), "missing": True}
    if "levels" in options:
        options["levels"] = tuple(level_text(level) for level in options["levels"])
        if len(set(options["levels"])) < max(2, len(options["levels"])):
            faults.append("levels must be at least two, each once")
        if options["levels"] == ("1", "0"):
            faults.append("levels of 0 and 1 are [0, 1], and of words in quotes: ['yes', 'no']")
        cuts = options["cuts"] = tuple(options.get("cuts", ()))
        if "follows" in options and (
            len(cuts) != len(options["levels"]) - 1 or cuts != tuple(sorted(cuts))
        ):
            faults.append("cuts must be rising numbers, one fewer than levels")
    elif not {"low", "high"} <= set(options):
        faults.append("give it levels, or low and high")
    elif not options["low"] < options["high"]:
        faults.append("low must be below high")
    if options.get("scale", "linear") not in SCALES:
        faults.append(f"scale is '{options['scale']}'; use one of {', '.join(SCALES)}")
    return (PublicColumn(name) if faults else PublicColumn(name, **options)), faults


def _unknown(entry: Mapping, names: tuple[str, ...]) -> list[str]:
    return [f"{key} is no key; use {', '.join(names)}" for key in entry if key not in names]


def level_text(value: object) -> str:
    """A level as text: 1, 1.0 and true are '1'."""
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
