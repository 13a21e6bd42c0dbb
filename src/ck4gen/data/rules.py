"""Exact rules between columns: what they say, and how a decoded table is made to keep them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

PASSES = 4  # a repair can break a rule that was looked at before it

Value = str | float
Columns = dict[str, np.ndarray]


def written(value: Value) -> str:
    """A level or value as people write it: 1 and not 1.0."""
    return value if isinstance(value, str) else f"{value:g}"


@dataclass(frozen=True)
class Rule(ABC):
    """What holds in every row where no column of the rule is blank.

    Attributes:
        LEVELS: Which field names the column whose levels another field holds.
    """

    LEVELS: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def broken(self, columns: Columns) -> np.ndarray:
        """(n,) which rows break it."""

    @abstractmethod
    def mend(self, columns: Columns, rows: np.ndarray) -> None:
        """Change these rows in place so that they keep it."""

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What it says, for people."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns that it is about."""

    @property
    @abstractmethod
    def mended(self) -> str:
        """The column that it changes."""

    def to_state(self) -> dict:
        """The rule as plain values."""
        return {"rule": type(self).__name__} | asdict(self)

    def coded(self, codes: Mapping[str, Mapping[Value, float]]) -> Rule:
        """The same rule between columns of which some hold numbers in place of their levels.

        Args:
            codes: By such column the number of each level.
        """
        fields = {}
        for name, column in self.LEVELS.items():
            if (column_codes := codes.get(getattr(self, column))) is not None:
                value = getattr(self, name)
                one = not isinstance(value, tuple)
                fields[name] = (
                    column_codes[value] if one else tuple(column_codes[level] for level in value)
                )
        return replace(self, **fields)


@dataclass(frozen=True)
class Following(Rule):
    """A rule by which one column follows from others.

    Attributes:
        target: That column.
        NEW_VALUES: Whether it can come to values that no patient has, as a sum can.
    """

    NEW_VALUES: ClassVar[bool] = False

    target: str

    @property
    @abstractmethod
    def origins(self) -> tuple[str, ...]:
        """The columns that it follows from."""

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return self.target, *self.origins

    @property
    def mended(self) -> str:  # noqa: D102
        return self.target

    def nearby(self, values: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Below and above the (n,) numbers of an origin, where the rule may say otherwise."""
        return values - step, values + step

    def applied(self, columns: Columns) -> np.ndarray:
        """(n,) values of the target that go with the other columns."""
        target = columns[self.target].copy()
        self.mend({**columns, self.target: target}, np.ones(len(target), bool))
        return target


@dataclass(frozen=True)
class Mapped(Following):
    """Each level of one column goes with one value of another."""

    LEVELS = {"levels": "source", "values": "target"}

    source: str
    levels: tuple[Value, ...]
    values: tuple[Value, ...]

    def nearby(self, values: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
        """The levels next to the one that is."""
        levels = np.sort(np.array(self.levels, float))
        index = np.searchsorted(levels, values).clip(0, len(levels) - 1)
        return levels[np.maximum(index - 1, 0)], levels[np.minimum(index + 1, len(levels) - 1)]

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        target, source = columns[self.target], columns[self.source]
        rows = np.zeros(len(target), bool)
        for level, value in zip(self.levels, self.values, strict=True):
            rows |= (source == level) & (target != value)
        return rows & ~pd.isna(target)

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        target, source = columns[self.target], columns[self.source]
        for level, value in zip(self.levels, self.values, strict=True):
            target[rows & (source == level)] = value

    @property
    def sentence(self) -> str:  # noqa: D102
        return f"{self.target} follows from {self.source}"

    @property
    def origins(self) -> tuple[str, ...]:  # noqa: D102
        return (self.source,)


@dataclass(frozen=True)
class Banded(Following):
    """One column is the band that a number, or a sum of numbers, is in.

    A band goes from a cut (included) to the next.
    """

    LEVELS = {"values": "target"}

    sources: tuple[str, ...]
    cuts: tuple[float, ...]
    values: tuple[Value, ...]

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        target, total = columns[self.target], total_of(columns, self.sources)
        bands = self._bands(total, target.dtype)
        return (target != bands) & ~pd.isna(target) & ~np.isnan(total)

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        target, total = columns[self.target], total_of(columns, self.sources)
        target[rows] = self._bands(total, target.dtype)[rows]

    def _bands(self, total: np.ndarray, dtype: np.dtype) -> np.ndarray:
        return np.array(self.values, dtype)[np.searchsorted(self.cuts, total, side="right")]

    @property
    def sentence(self) -> str:  # noqa: D102
        cuts = ", ".join(f"{cut:g}" for cut in self.cuts)
        return f"{self.target} follows from {' + '.join(self.sources)}, cut at {cuts}"

    @property
    def origins(self) -> tuple[str, ...]:  # noqa: D102
        return self.sources


@dataclass(frozen=True)
class Sum(Following):
    """One column is a weighted sum of others, to ``decimals`` places."""

    NEW_VALUES = True

    sources: tuple[str, ...]
    weights: tuple[float, ...]
    constant: float
    decimals: int

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        gap = np.abs(columns[self.target] - self._sums(columns))
        return gap > 0.5 * 10.0**-self.decimals  # false beside a blank

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        columns[self.target][rows] = self._sums(columns)[rows]

    def _sums(self, columns: Columns) -> np.ndarray:
        parts = [w * columns[name] for name, w in zip(self.sources, self.weights, strict=True)]
        return np.round(sum(parts) + self.constant, self.decimals)

    @property
    def sentence(self) -> str:  # noqa: D102
        named = zip(self.sources, self.weights, strict=True)
        parts = [name if weight == 1 else f"{weight:g} {name}" for name, weight in named]
        constant = [f"{self.constant:g}"] if self.constant else []
        return f"{self.target} = {' + '.join(parts + constant)}"

    @property
    def origins(self) -> tuple[str, ...]:  # noqa: D102
        return self.sources


@dataclass(frozen=True)
class Ordered(Rule):
    """One number is never above another; where its grid is the coarser one, it stays on it.

    Attributes:
        low: Column of the one.
        high: Column of the other.
        step: Grid of the one; 0 where the other's numbers are on it.
    """

    low: str
    high: str
    step: float = 0.0

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        return columns[self.low] > columns[self.high]

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        most = columns[self.high][rows]
        if self.step:  # a step down, but for rounding
            most = np.minimum(most, np.floor(most / self.step + 1e-9) * self.step)
        columns[self.low][rows] = most

    @property
    def sentence(self) -> str:  # noqa: D102
        return f"{self.low} <= {self.high}"

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return self.low, self.high

    @property
    def mended(self) -> str:  # noqa: D102
        return self.low


@dataclass(frozen=True)
class Forbidden(Rule):
    """Two levels of two columns never meet; the second column takes another level instead."""

    LEVELS = {"first_level": "first", "second_level": "second", "instead": "second"}

    first: str
    first_level: Value
    second: str
    second_level: Value
    instead: Value

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        both = columns[self.first] == self.first_level
        return both & (columns[self.second] == self.second_level)

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        columns[self.second][rows] = self.instead

    @property
    def sentence(self) -> str:  # noqa: D102
        first, second = written(self.first_level), written(self.second_level)
        return f"{self.first} {first} never with {self.second} {second}"

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return self.first, self.second

    @property
    def mended(self) -> str:  # noqa: D102
        return self.second


@dataclass(frozen=True)
class Bounded(Rule):
    """A level never meets numbers from a cut on (or below it); another level stands instead."""

    LEVELS = {"level": "column", "instead": "column"}

    column: str
    level: Value
    number: str
    cut: float
    below: bool  # whether the level is found below the cut only
    instead: Value

    def broken(self, columns: Columns) -> np.ndarray:  # noqa: D102
        number = columns[self.number]
        outside = number >= self.cut if self.below else number < self.cut
        return (columns[self.column] == self.level) & outside

    def mend(self, columns: Columns, rows: np.ndarray) -> None:  # noqa: D102
        columns[self.column][rows] = self.instead

    def move_number(self, columns: Columns, rows: np.ndarray) -> None:
        """Give these rows the nearest number of other rows that their level is found with."""
        numbers = columns[self.number]
        allowed = numbers[numbers < self.cut if self.below else numbers >= self.cut]
        if rows.any() and len(allowed):
            numbers[rows] = allowed.max() if self.below else allowed.min()

    @property
    def sentence(self) -> str:  # noqa: D102
        side = "<" if self.below else ">="
        return f"{self.column} {written(self.level)} only with {self.number} {side} {self.cut:g}"

    @property
    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return self.column, self.number

    @property
    def mended(self) -> str:  # noqa: D102
        return self.column


def total_of(columns: Mapping[str, np.ndarray], names: Iterable[str]) -> np.ndarray:
    """(n,) sum of some columns, without the last bits that their order decides."""
    return np.round(np.sum([columns[name].astype(float) for name in names], axis=0), 9)


def coarser_step(low: float, high: float) -> float:
    """The grid of the lower of two numbers where it is coarser than that of the other; else 0."""
    return low if low > high else 0.0


def repair(columns: Columns, rules: Iterable[Rule]) -> None:
    """Change rows in place so that all keep the rules; dtypes stay as they are.

    Args:
        columns: (n,) values by column.
        rules: In the order in which they are mended: columns that follow from others last.
    """
    rules = list(rules)
    for _ in range(PASSES):
        changed = False
        for rule in rules:
            rows = rule.broken(columns)
            if rows.any():
                rule.mend(columns, rows)
                changed = True
        if not changed:
            return
    for rule in rules:  # no level fits the numbers of such a row: they move to where one does
        if isinstance(rule, Bounded):
            rule.move_number(columns, rule.broken(columns))
