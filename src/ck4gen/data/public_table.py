"""What is publicly known of a table before anybody has looked at its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.public_column import PublicColumn
from ck4gen.data.schema import DURATION, EVENT, Schema

WRITTEN = ("decimal_mark", "thousands_mark", "date_format")  # how cells are written
STATES = ("happened", "censored")  # values of the event column
PLAIN = ("horizon", "decimals", "duration_unit", "event_meaning")


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
