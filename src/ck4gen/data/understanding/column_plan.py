"""What is done with one column: the entry of ``schema.yaml``, and how it is applied."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from ck4gen.data.schema import Column
from ck4gen.data.understanding.dates import days_since
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.grid import moved_to_grid
from ck4gen.data.understanding.raw_column import RawColumn, number
from ck4gen.settings import InputError

PLAN_KINDS = ("numeric", "binary", "categorical", "date")
ASKED = "as asked"  # reason of a column that the user leaves out
NOT_WRITTEN = ("facts", "notes", "merged_rows")  # not part of the file
FORMS = {  # of values that are no texts
    "merge": "lines of spelling: level",
    "values": "a list of numbers",
    "integer": "true or false",
    "ordered": "true or false",
    "step": "a number",
}


@dataclass(frozen=True)
class ColumnPlan:
    """One column, as it was understood or as the user says.

    Attributes:
        name: Its name.
        kind: ``numeric``, ``binary``, ``categorical`` or ``date``; empty where it is dropped.
        drop: Why it is left out, without a cell, since warnings repeat it; empty where it is kept.
        levels: Levels of a categorical column in order, the Cox reference first.
        merge: Other spellings and rare levels: text -> level.
        ordered: Whether the levels have an order.
        missing: Texts that mean a blank in this column.
        blank: The word for a blank in a synthetic row; empty: nothing stands there.
        integer: Whether a numeric column is whole.
        step: Grid of a numeric column, 0 without one.
        values: The only numbers it can take; empty: any.
        date_format: How a date is written.
        origin: Day 0 of a date.
        unit: Unit of a numeric column.
        meaning: What it measures.
        facts: What the plan shows of its values.
        notes: What the user should know.
        merged_rows: Rows whose cell has another spelling than its level.
    """

    name: str
    kind: str = ""
    drop: str = ""
    levels: tuple[str, ...] = ()
    merge: dict[str, str] | None = None
    ordered: bool = False
    missing: tuple[str, ...] = ()
    blank: str = ""
    integer: bool = False
    step: float = 0
    values: tuple[float, ...] = ()
    date_format: str = ""
    origin: str = ""
    unit: str = ""
    meaning: str = ""
    facts: str = ""
    notes: tuple[str, ...] = ()
    merged_rows: int = 0

    def column(self, missing: bool = False) -> Column:
        """The entry of the schema.

        Args:
            missing: Whether the column has blanks.
        """
        numeric = self.kind in ("numeric", "date")
        return Column(
            self.name,
            "numeric" if numeric else self.kind,
            meaning=self.meaning,
            unit=f"days since {self.origin}" if self.kind == "date" else self.unit,
            levels=self.levels if self.kind == "categorical" else (),
            integer=self.integer or self.kind == "date",
            step=self.step,
            values=self.values,
            missing=missing,
            ordered=self.ordered,
        )

    def apply(self, raw: RawColumn) -> tuple[pd.Series, list[Fault]]:
        """The clean column, NaN for a blank, and what does not fit this plan.

        Args:
            raw: The column as it was read.
        """
        blank = raw.blank | self._coded(raw)
        clean = self._levels(raw) if self.kind == "categorical" else self._numbers(raw)
        clean = clean.mask(blank)
        unfit = clean.isna().to_numpy() & ~blank
        if not unfit.any():
            return clean, []
        value = raw.texts[unfit].iloc[0][:40]
        allowed = ", ".join(self.levels[:10]) if self.levels else f"a {self.kind} column"
        return clean, [
            Fault.at(
                self.name,
                unfit,
                f"'{value}' does not fit the plan ({allowed})",
                "correct it, or list it under missing or merge in schema.yaml",
            )
        ]

    def _coded(self, raw: RawColumn) -> np.ndarray:
        """(n,) where a code stands for a blank, as a text or as a number."""
        numbers = [number(code, raw.decimal) for code in self.missing]
        coded = np.isin(raw.numbers, [code for code in numbers if not np.isnan(code)])
        if raw.is_number or not self.missing:
            return coded
        codes = {code.casefold() for code in self.missing}
        return coded | raw.texts.str.casefold().isin(codes).to_numpy(bool)

    def _levels(self, raw: RawColumn) -> pd.Series:
        merge = {spelling.casefold(): level for spelling, level in (self.merge or {}).items()}
        merge |= {level.casefold(): level for level in self.levels if level.casefold() not in merge}
        exact = dict(zip(self.levels, self.levels, strict=True)) | (self.merge or {})
        level_of = {
            text: exact.get(text, merge.get(" ".join(text.split()).casefold()))
            for text in raw.texts.unique()
        }
        return raw.texts.map(level_of).astype(object)

    def _numbers(self, raw: RawColumn) -> pd.Series:
        if self.kind == "date":
            return days_since(raw, self.date_format, self.origin)
        if self.kind == "binary":
            truths = raw.texts.str.casefold().map({"true": 1.0, "false": 0.0})
            numbers = truths.fillna(pd.Series(raw.numbers))
            return numbers.where(numbers.isin([0, 1]))
        return pd.Series(moved_to_grid(raw.numbers, self.step))

    def to_entry(self) -> dict[str, Any]:
        """The entry of ``schema.yaml``: what differs from the defaults."""
        if self.drop:
            return {"drop": self.drop}
        plain = {f.name: f.default for f in fields(self)}
        entry = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if key not in ("name", *NOT_WRITTEN) and value and value != plain[key]
        }
        return entry

    @classmethod
    def from_entry(cls, name: str, entry: dict[str, Any]) -> ColumnPlan:
        """The plan of an entry.

        Raises:
            InputError: It has a key or a value that cannot be.
        """
        keys = [f.name for f in fields(cls) if f.name not in ("name", *NOT_WRITTEN)]
        for key in entry:
            if key not in keys:
                raise InputError(
                    f"schema: column '{name}' has no key '{key}'; its keys are {', '.join(keys)}"
                )
        if entry.get("drop"):
            return cls(name, drop=str(entry["drop"]))
        if entry.get("kind") not in PLAN_KINDS:
            raise InputError(
                f"schema: column '{name}' has kind '{entry.get('kind')}'; choose one of "
                f"{', '.join(PLAN_KINDS)}, or give it drop: reason"
            )
        if entry["kind"] == "date" and not (entry.get("date_format") and entry.get("origin")):
            raise InputError(
                f"schema: column '{name}' is a date and needs date_format, such as '%d.%m.%Y', and "
                "origin, the day that is 0, such as '2000-01-01'"
            )
        return cls(name, **{key: _value(name, key, value) for key, value in entry.items()})


def _value(column: str, key: str, value: object) -> Any:
    """A value of an entry as its field has it; one alone stands for a list of one."""
    listed = value if isinstance(value, list) else [value] * (value is not None)
    if key in ("levels", "missing"):  # YAML makes numbers of them
        return tuple(map(_as_text, listed))
    if key == "merge" and (value is None or isinstance(value, dict)):
        return {_as_text(k): _as_text(v) for k, v in (value or {}).items()}
    if key == "values" and all(map(_is_number, listed)):
        return tuple(listed)
    if key in ("integer", "ordered") and isinstance(value, bool):
        return value
    if key == "step" and _is_number(value):
        return value
    if key not in FORMS:
        return _as_text(value)
    raise InputError(f"schema: column '{column}' has {key}: {value}; it must be {FORMS[key]}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    if value is None:
        return "None"
    return str(value)
