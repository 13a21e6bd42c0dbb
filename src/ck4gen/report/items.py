"""What the report is made of: tables of cells, and figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan

import pandas as pd
from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class Number:
    """A number of a table: a mean over seeds, its SD, and whether it clearly wins its column.

    Attributes:
        value: The number.
        digits: Decimals in print.
        sd: Its SD.
        best: Whether it clearly wins its column.
        mark: What stands behind it in print.
    """

    value: float
    digits: int = 2
    sd: float = float("nan")
    best: bool = False
    mark: str = ""

    def __str__(self) -> str:
        if isnan(self.value):
            return "-"
        text = _fixed(self.value, self.digits)
        sd = "" if isnan(self.sd) else f" ({_fixed(self.sd, self.digits)})"
        return text + sd + self.mark

    def parts(self) -> dict[str, float]:
        """Machine-readable columns, by suffix."""
        return {"": self.value, " (SD)": self.sd}


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence limits.

    Attributes:
        value: The estimate.
        low: Lower limit.
        high: Upper limit.
        digits: Decimals in print.
        mark: What stands behind it in print.
        joint: What stands between the limits.
    """

    value: float
    low: float
    high: float
    digits: int = 2
    mark: str = ""
    joint: str = "-"

    def __str__(self) -> str:
        if isnan(self.value):
            return "-"
        value, low, high = (_fixed(x, self.digits) for x in (self.value, self.low, self.high))
        if isnan(self.low):
            return value + self.mark
        return f"{value} ({low}{self.joint}{high}){self.mark}"

    def parts(self) -> dict[str, float]:
        """Machine-readable columns, by suffix."""
        return {"": self.value, " (low)": self.low, " (high)": self.high}


def _fixed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"  # no minus before zero


@dataclass(frozen=True)
class Table:
    """A table of the report.

    Attributes:
        title: What it shows, in a few words.
        caption: How to read it: units, what is better, what is bold.
        frame: Cells: text, :class:`Number` or :class:`Interval`; columns are the headings.
        commands: What makes the runs behind it.
    """

    title: str
    caption: str
    frame: pd.DataFrame
    commands: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Figure:
    """A figure of the report; ``data`` holds the numbers that it shows, where they are few."""

    title: str
    caption: str
    drawing: Drawing
    commands: list[str] = field(default_factory=list)
    data: pd.DataFrame | None = None
