"""How the user knows her table: names, spellings, blanks and the coding of the outcome."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import yaml

from ck4gen.data.schema import CAUSE, DURATION, ENTRY, EVENT
from ck4gen.data.understanding.raw_column import whole_number

# not which: a rare level or an odd spelling may be that of a single patient
MERGED = "other spellings and rare levels were merged into these levels"


@dataclass(frozen=True)
class PresentedColumn:
    """A covariate.

    Attributes:
        name: The user's name of it.
        within: Its name within the package.
        levels: Spellings of 0 and 1; empty where the values are shown as they are.
        merged: Whether levels were merged into the ones that are left.
        blank: Her word for a blank; empty for an empty cell.
    """

    name: str
    within: str
    levels: tuple[str, ...] = ()
    merged: bool = False
    blank: str = ""


@dataclass(frozen=True)
class Presentation:
    """A table as its user knows it; nothing here but what her codebook says.

    Attributes:
        columns: The covariates in her order.
        blanks: Indicator column -> her columns that are blank where it is 1.
        entry: Her name of the time of entry; empty where nobody enters late.
        duration: Her name of the duration.
        event: Her name of the event column.
        states: Its texts by cause: censored, the event, causes that compete with it.
    """

    columns: tuple[PresentedColumn, ...]
    blanks: dict[str, tuple[str, ...]]
    entry: str
    duration: str
    event: str
    states: tuple[str, ...]

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict) -> Presentation:
        """The presentation of :meth:`to_state`."""
        columns = tuple(PresentedColumn(**column) for column in state["columns"])
        return cls(**state | {"columns": columns})

    @property
    def competes(self) -> bool:
        """Whether causes compete with the event."""
        return len(self.states) > 2

    def table(self, synthetic: pd.DataFrame) -> pd.DataFrame:
        """A synthetic table as the user's own.

        Args:
            synthetic: (m, p + 2) rows with the names within.
        """
        parts: dict[str, pd.Series] = {}
        for column in self.columns:
            values = synthetic[column.within]
            if column.levels:
                values = values.map(dict(enumerate(column.levels)))
            parts[column.name] = values
        words = {column.name: column.blank for column in self.columns if column.blank}
        for indicator, of in self.blanks.items():
            blank = synthetic[indicator].astype(bool)
            for name in of:
                parts[name] = parts[name].astype(object).mask(blank, words.get(name))
        if self.entry:
            parts[self.entry] = synthetic[ENTRY]
        parts[self.duration] = synthetic[DURATION]
        coded = synthetic[CAUSE if self.competes else EVENT].map(dict(enumerate(self.states)))
        parts[self.event] = coded.astype(int) if all(map(whole_number, self.states)) else coded
        return pd.DataFrame(parts)

    def codebook(self, text: str) -> str:
        """The codebook of :meth:`Schema.codebook` for :meth:`table`.

        Args:
            text: YAML text with the names within.
        """
        book: dict[str, Any] = yaml.safe_load(text)
        within: dict[str, Any] = book["columns"]
        columns: dict[str, Any] = {}
        blank = {name for names in self.blanks.values() for name in names}
        for column in self.columns:
            entry = dict(within[column.within])
            if column.levels:
                entry["levels"] = [level == "True" for level in column.levels]
            if column.merged:
                entry["merged"] = MERGED
            if column.name in blank:
                entry["missing"] = "blank where the value is missing, as in the real table"
            columns[column.name] = entry
        if self.entry:
            columns[self.entry] = within[ENTRY]
        columns[self.duration] = within[DURATION]
        columns[self.event] = within[EVENT] | self._event()
        if "rules" in book:
            book["rules"] = [self._named(rule) for rule in book["rules"]]
        return yaml.safe_dump(book | {"columns": columns}, sort_keys=False, allow_unicode=True)

    def _named(self, rule: str) -> str:
        """The sentence of a rule with her names."""
        for column in self.columns:
            if column.name != column.within:
                word = rf"(?<!\w){re.escape(column.within)}(?!\w)"
                rule = re.sub(word, column.name.replace("\\", r"\\"), rule)
        return rule

    def _event(self) -> dict[str, Any]:
        """What the codebook says of the event column."""
        censored, happened, *others = self.states
        entry: dict[str, Any] = {
            "levels": list(self.states),
            "event": happened,
            "meaning": f"'{happened}' where the event happened, '{censored}' "
            "where the follow-up ended without it (censored)",
        }
        if others:
            entry |= {
                "kind": "categorical",
                "meaning": f"'{censored}' is censored; each other value is a cause",
                "competing": others,
            }
        return entry
