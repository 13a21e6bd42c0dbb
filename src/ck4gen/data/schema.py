"""What the columns of a cohort are, and the Cox design matrix that follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import sqrt
from types import MappingProxyType

import numpy as np
import pandas as pd
import yaml

from ck4gen.data.rule_states import rule_from_state
from ck4gen.data.rules import Following, Rule
from ck4gen.settings import InputError

DURATION = "duration"
EVENT = "event"
CAUSE = "cause"  # where causes compete: 0 = censored, 1 = the event, 2, 3, ... = another cause
ENTRY = "entry"  # where patients come late under observation: the time from which they are at risk
TUPLES = (
    "levels",
    "aliased",
    "values",
    "blank_of",
)  # fields of a column that a file holds as lists
KINDS = ("numeric", "binary", "categorical")
STRATUM = "Cox models have a baseline hazard for each level, and no hazard ratio"
FROM_ENTRY = "time from study entry to the event or to censoring"
FROM_ORIGIN = "time from its origin to the event or to censoring; at risk from the entry on"
NOTE = (
    "however many rows a synthetic table has, it holds the information of the real cohort, and "
    "noise that protects patients; multiply standard errors by standard_error_factor"
)


@dataclass(frozen=True)
class Column:
    """One covariate.

    Attributes:
        name: Column name in the table.
        kind: ``numeric`` (linear in the Cox model), ``binary`` (0/1) or ``categorical``.
        meaning: What it measures; for a binary, the property that 1 stands for.
        unit: Unit of a numeric column.
        levels: Levels of a categorical column; the first one is the Cox reference.
        integer: Whether a numeric column holds whole numbers only.
        aliased: Terms of this column that follow from the terms before them; Cox models go on
            without them.
        step: Grid of a numeric column: every value is a multiple of it; 0 without one.
        values: The only numbers that a numeric column can take; empty: any.
        missing: Whether the column has blanks.
        ordered: Whether the levels have an order.
        blank_of: Columns that are blank where this one is 1, of an indicator of blanks.
        stratum: Whether Cox models are stratified by this column, which then has no term in them.
    """

    name: str
    kind: str
    meaning: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    integer: bool = False
    aliased: tuple[str, ...] = ()
    step: float = 0
    values: tuple[float, ...] = ()
    missing: bool = False
    ordered: bool = False
    blank_of: tuple[str, ...] = ()
    stratum: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"column '{self.name}' has kind '{self.kind}'; use one of {KINDS}")
        if self.kind == "categorical" and len(self.levels) < 2:
            raise InputError(f"categorical column '{self.name}' needs at least two levels")

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of this column's terms, aliased ones among them."""
        if self.kind == "categorical":
            return tuple(f"{self.name}[{level}]" for level in self.levels[1:])
        return (self.name,)

    @property
    def design_names(self) -> tuple[str, ...]:
        """Names of this column's terms in the Cox design."""
        if self.stratum:
            return ()
        return tuple(name for name in self.terms if name not in self.aliased)

    def codebook(self) -> dict[str, object]:
        """What a user of a synthetic table has to know of this column."""
        entry: dict[str, object] = {"kind": self.kind}
        if self.meaning:
            entry["meaning"] = self.meaning
        if self.kind == "numeric":
            entry["unit"] = self.unit or "not given"
            entry["integer"] = self.integer
            entry |= {"step": self.step} if self.step else {}
            entry |= {"values": list(self.values)} if self.values else {}
        if self.kind == "binary":
            entry["levels"] = [0, 1]
        if self.kind == "categorical":
            entry["levels"] = list(self.levels)
            entry |= {"ordered": True} if self.ordered else {}
        if self.stratum:
            entry["stratum"] = STRATUM
        elif self.aliased:
            entry["left_out_of_cox_models"] = list(self.aliased)
        return entry


@dataclass(frozen=True)
class Schema:
    """The covariates of a cohort in order; its table adds ``duration`` and ``event``.

    Where other causes compete with the event, it also has ``cause``; ``event`` is 1 for the first
    cause alone, and every other one counts as censored in it. With delayed entry it has ``entry``:
    a row is at risk after it, up to its duration (left truncation).

    Attributes:
        columns: The covariates.
        duration_unit: Unit of the duration.
        event_meaning: What an event is.
        causes: What the causes 2, 3, ... are that compete with it.
        rules: Exact rules between columns, which every synthetic row keeps, in the order in which
            a table is repaired.
        delayed_entry: Whether patients come under observation late.
    """

    columns: tuple[Column, ...]
    duration_unit: str = "days"
    event_meaning: str = "event observed"
    causes: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    delayed_entry: bool = False

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(self.design_names).items() if count > 1]
        if twice:
            raise InputError(
                f"two columns have the term '{twice[0]}' in a Cox model; rename one of them"
            )

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def with_rules(self, rules: Sequence[Rule]) -> Schema:
        """With rules between its columns: a sum of others is not held to values that patients have.

        Args:
            rules: The rules.
        """
        ruled = replace(self, rules=tuple(rules))
        free = (replace(c, values=()) if c.name in ruled.computed else c for c in self.columns)
        return replace(ruled, columns=tuple(free))

    @cached_property
    def computed(self) -> set[str]:
        """Columns that can come to values that no patient has: sums and products of others."""
        return {r.target for r in self.rules if isinstance(r, Following) and r.NEW_VALUES}

    def of_kind(self, *kinds: str) -> list[str]:
        """Names of the columns of the given kinds, in schema order."""
        return [column.name for column in self.columns if column.kind in kinds]

    @property
    def names(self) -> list[str]:
        """Covariate names in order."""
        return [column.name for column in self.columns]

    @property
    def table_names(self) -> list[str]:
        """Covariates, then duration and event: the columns of ``synthetic.csv``."""
        return [*self.names, *self.outcome_names]

    @property
    def outcome_names(self) -> list[str]:
        """Duration and event; cause where causes compete, and entry where it is delayed."""
        further = [CAUSE] * bool(self.causes) + [ENTRY] * self.delayed_entry
        return [DURATION, EVENT, *further]

    @property
    def competing(self) -> range:
        """Codes of the causes that compete with the event."""
        return range(2, 2 + len(self.causes))

    @property
    def design_names(self) -> list[str]:
        """Names of the columns of :meth:`design`."""
        return [name for column in self.columns for name in column.design_names]

    @cached_property
    def strata(self) -> tuple[str, ...]:
        """Names of the columns by which Cox models are stratified."""
        return tuple(column.name for column in self.columns if column.stratum)

    @property
    def unstratified(self) -> Schema:
        """The same columns, each with its terms: what sees a table as it is, and no Cox model."""
        if not self.strata:
            return self
        return replace(self, columns=tuple(replace(c, stratum=False) for c in self.columns))

    def stratum(self, table: pd.DataFrame) -> np.ndarray | None:
        """(n,) number of the stratum of each row; None without strata.

        Every combination of levels has a number of its own, also one that no row has; levels
        outside the schema share one.

        Args:
            table: (n, >= p) rows with this schema's covariates.
        """
        if not self.strata:
            return None
        code = np.zeros(len(table), int)
        for column in (self[name] for name in self.strata):
            levels: Sequence[object] = column.levels or (0.0, 1.0)
            values = table[column.name].astype(str if column.levels else float)
            level_codes = pd.Categorical(values, categories=levels).codes
            code = code * (len(levels) + 1) + level_codes.astype(int) + 1
        return code

    def with_outcome(self, integer: bool) -> Schema:
        """The whole table as covariates, for generators that treat an outcome like any column.

        Args:
            integer: Whether durations are whole numbers.
        """
        duration = Column(DURATION, "numeric", unit=self.duration_unit, integer=integer)
        return replace(self, columns=(*self.columns, duration, Column(EVENT, "binary")))

    def design(self, table: pd.DataFrame) -> pd.DataFrame:
        """Cox design: numerics and binaries as they are, categories as dummies.

        Args:
            table: (n, >= p) rows with this schema's covariates.

        Returns:
            (n, q) float64 frame; a level outside the schema gets zeros in every dummy.
        """
        parts: dict[str, np.ndarray] = {}
        for column in self.columns:
            values = table[column.name]
            if column.kind == "categorical":
                texts = values.astype(str).to_numpy()
                for name, level in zip(column.terms, column.levels[1:], strict=True):
                    parts[name] = texts == level
            else:
                parts[column.name] = values.to_numpy(float)
        names = self.design_names
        terms = np.empty((len(names), len(table)))  # a term lies in one piece, as pandas has it
        for row, name in zip(terms, names, strict=True):
            row[:] = parts[name]
        return pd.DataFrame(terms.T, index=table.index, columns=names)

    def to_state(self) -> dict:
        """The schema as plain dicts and lists."""
        columns = [
            asdict(c) | {name: list(getattr(c, name)) for name in TUPLES} for c in self.columns
        ]
        rules = [rule.to_state() for rule in self.rules]
        return asdict(self) | {"columns": columns, "rules": rules, "causes": list(self.causes)}

    @classmethod
    def from_state(cls, state: dict) -> Schema:
        """The schema of :meth:`to_state`."""
        columns = (
            Column(**c | {key: tuple(c.get(key, ())) for key in TUPLES}) for c in state["columns"]
        )
        rules = tuple(rule_from_state(rule) for rule in state.get("rules", ()))
        causes = tuple(state.get("causes", ()))
        return cls(**state | {"columns": tuple(columns), "rules": rules, "causes": causes})

    def codebook(
        self,
        rows: int,
        trained_on: int,
        noise: float = 0.0,
        factors: Mapping[str, float] = MappingProxyType({}),
    ) -> str:
        """What a user of a synthetic table has to know, as YAML text.

        Args:
            rows: Rows of the table.
            trained_on: Real rows that it was made from.
            noise: Noise of the guard, relative to a bootstrap's.
            factors: By term of the design, what its release added to its standard error, where
                that differs by term.

        Returns:
            How much its rows hold; then meaning, unit, kind and levels of every column.
        """
        columns = {column.name: column.codebook() for column in self.columns}
        columns[DURATION] = {
            "kind": "numeric",
            "meaning": FROM_ORIGIN if self.delayed_entry else FROM_ENTRY,
            "unit": self.duration_unit,
        }
        if self.delayed_entry:
            columns[ENTRY] = {
                "kind": "numeric",
                "meaning": "time at which the patient came under observation, below the duration",
                "unit": self.duration_unit,
            }
        columns[EVENT] = {
            "kind": "binary",
            "meaning": f"{self.event_meaning} (1) or censored (0)",
            "levels": [0, 1],
        }
        if self.causes:
            meanings = {0: "censored", 1: self.event_meaning}
            meanings |= dict(zip(self.competing, self.causes, strict=True))
            columns[CAUSE] = {
                "kind": "categorical",
                "meaning": "; ".join(f"{code} = {meaning}" for code, meaning in meanings.items()),
                "levels": list(meanings),
            }
        overall = standard_error_factor(rows, trained_on, noise)
        by_term = {name: round(overall * factor, 4) for name, factor in factors.items()}
        book = {
            "rows": rows,
            "effective_n": min(rows, trained_on),
            "standard_error_factor": round(overall * max(factors.values(), default=1.0), 4),
            **({"standard_error_factors": by_term} if by_term else {}),
            "note": NOTE,
            "columns": columns,
        }
        if self.rules:
            book["rules"] = [rule.sentence for rule in self.rules]
        return yaml.safe_dump(book, sort_keys=False, allow_unicode=True)


def standard_error_factor(rows: int, trained_on: int, noise: float = 0.0) -> float:
    """By how much naive standard errors of a table are too small.

    sqrt(n_syn / n) for a table that is longer than the cohort, times sqrt(1 + noise^2) for what
    the guard added to the sampling error of the cohort.

    Args:
        rows: Rows of the synthetic table.
        trained_on: Real rows that it was made from.
        noise: Noise of the guard, relative to a bootstrap's.
    """
    return sqrt(max(1.0, rows / trained_on) * (1 + noise**2))
