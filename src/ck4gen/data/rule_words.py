"""Rules in words: the sentence of a rule, read back and checked against the data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.duration_rule import BesideDuration
from ck4gen.data.precision import decimals
from ck4gen.data.product_rule import Product
from ck4gen.data.rule_search import FEW_VALUES, SUPPORT
from ck4gen.data.rules import (
    Banded,
    Bounded,
    Forbidden,
    Mapped,
    Ordered,
    Rule,
    Sum,
    Value,
    coarser_step,
    total_of,
)
from ck4gen.data.schema import Schema
from ck4gen.data.understanding.faults import Fault, TableFaults

NUMBER = r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?"
MENDED: dict[type, int] = {
    Forbidden: 0,
    Bounded: 1,
    Ordered: 2,
    BesideDuration: 2,
    Sum: 3,
    Product: 3,
    Banded: 4,
    Mapped: 4,
}  # in this order
FORMS = (
    "write 'a <= b', 'total = a + 2 b + 1', 'bmi = 10000 * weight / height^2', 'group follows "
    "from age, cut at 50, 65', 'class follows from a + b, cut at 2', 'region follows from site', "
    "'sex male never with pregnant 1' or 'stage I only with age < 50', with columns that are used"
)


def requested_rules(
    sentences: Sequence[str],
    data_rules: Sequence[Rule],
    table: pd.DataFrame,
    schema: Schema,
) -> tuple[Rule, ...]:
    """The rules that a user wants held, in the order in which a table is repaired.

    Args:
        sentences: As :attr:`Rule.sentence` has them.
        data_rules: Rules that were found in the data; one in the same words is taken as it is.
        table: All real rows, NaN for a blank; what goes with a level or a band is read off them.
        schema: Their columns.

    Raises:
        TableFaults: A sentence is not understood, or real rows break its rule.
    """
    by_words = {rule.sentence: rule for rule in data_rules}
    columns = {name: table[name].to_numpy() for name in schema.names}
    reader = _Reader(table, schema)
    rules: list[Rule] = []
    faults: list[Fault] = []
    for sentence in dict.fromkeys(text.strip() for text in sentences):
        rule = by_words.get(sentence) or reader.rule(sentence)
        if rule is None:
            faults.append(Fault("", f"the rule '{sentence}' is not understood", FORMS))
        elif (rows := rule.broken(columns)).any():
            what = f"breaks the rule '{sentence}'"
            faults.append(Fault.at(rule.columns[0], rows, what, "correct it, or remove the rule"))
        else:
            rules.append(rule)
    if faults:
        raise TableFaults(faults)
    return tuple(sorted(rules, key=lambda rule: MENDED[type(rule)]))


@dataclass(frozen=True)
class _Reader:
    table: pd.DataFrame
    schema: Schema

    @cached_property
    def name(self) -> str:
        """Pattern of a column's name, the longest one first."""
        names = sorted(map(re.escape, self.schema.names), key=len, reverse=True)
        return f"({'|'.join(names)})"

    def rule(self, sentence: str) -> Rule | None:
        """The rule of a sentence, None where it is not understood."""
        name = self.name
        for pattern, read in (
            (f"{name} <= {name}", self._ordered),
            (f"{name} follows from (.+), cut at (.+)", self._banded),
            (f"{name} follows from {name}", self._mapped),
            (f"{name} (.+) never with {name} (.+)", self._forbidden),
            (f"{name} (.+) only with {name} (<|>=) ({NUMBER})", self._bounded),
            (f"{name} = (.+)", self._sum),
            (f"{name} = (.+)", self._product),
        ):
            match = re.fullmatch(pattern, sentence)
            if match and (rule := read(*match.groups())) is not None:
                return rule
        return None

    def _is(self, name: str, *kinds: str) -> bool:
        return self.schema[name].kind in kinds

    def _level(self, name: str, text: str) -> Value | None:
        """The level that a text means."""
        if self._is(name, "categorical"):
            return text if text in self.schema[name].levels else None
        value = float(text) if re.fullmatch(NUMBER, text) else np.nan
        return value if (self.table[name] == value).any() else None

    def _most(self, name: str, rows: pd.Series | np.ndarray) -> Value | None:
        """The most frequent value of a column in some rows."""
        modes = self.table.loc[rows, name].mode()
        if modes.empty:
            return None
        return modes[0] if isinstance(modes[0], str) else float(modes[0])

    def _values(self, name: str, parts: Sequence[pd.Series]) -> tuple[Value, ...]:
        """The most frequent value in each part of the rows; none where a part has none."""
        values = [self._most(name, rows) for rows in parts]
        most_frequent = tuple(value for value in values if value is not None)
        return most_frequent if len(most_frequent) == len(values) else ()

    def _ordered(self, low: str, high: str) -> Rule | None:
        numeric = self._is(low, "numeric") and self._is(high, "numeric") and low != high
        if not numeric:
            return None
        return Ordered(low, high, coarser_step(self.schema[low].step, self.schema[high].step))

    def _banded(self, target: str, parts: str, cuts: str) -> Rule | None:
        terms, numbers = list(self._terms(parts)), cuts.split(", ")
        sources = tuple(source for source, _ in terms)
        numeric = all(source and self._is(source, "numeric") for source in sources)
        plain = numeric and sources and all(weight == 1 for _, weight in terms)
        if not plain or target in sources:
            return None
        if not all(re.fullmatch(NUMBER, number) for number in numbers):
            return None
        thresholds = sorted(map(float, numbers))
        columns = {source: self.table[source].to_numpy(float) for source in sources}
        total = total_of(columns, sources)
        bands = np.searchsorted(thresholds, total, side="right")
        rows = [(bands == band) & ~np.isnan(total) for band in range(len(thresholds) + 1)]
        values = self._values(target, rows)
        return Banded(target, sources, tuple(thresholds), values) if values else None

    def _mapped(self, target: str, source: str) -> Rule | None:
        counts = self.table[source].value_counts()
        if target == source or (self._is(source, "numeric") and len(counts) > FEW_VALUES):
            return None
        levels = sorted(counts.index[counts >= SUPPORT])
        values = self._values(target, [self.table[source] == level for level in levels])
        if len(levels) < 2 or not values:
            return None
        plain = tuple(v if isinstance(v, str) else float(v) for v in levels)
        return Mapped(target, source, plain, values)

    def _forbidden(self, first: str, one: str, second: str, other: str) -> Rule | None:
        level, never = self._level(first, one), self._level(second, other)
        if level is None or never is None or first == second:
            return None
        instead = self._most(second, self.table[first] == level)
        return None if instead is None else Forbidden(first, level, second, never, instead)

    def _bounded(self, column: str, one: str, number: str, side: str, cut: str) -> Rule | None:
        level, threshold, below = self._level(column, one), float(cut), side == "<"
        if level is None or not self._is(number, "numeric") or column == number:
            return None
        values = self.table[number].astype(float)
        instead = self._most(column, values >= threshold if below else values < threshold)
        return (
            None if instead is None else Bounded(column, level, number, threshold, below, instead)
        )

    def _sum(self, target: str, parts: str) -> Rule | None:
        terms = list(self._terms(parts))
        sources = [name for name, _ in terms if name]
        numeric = all(self._is(name, "numeric", "binary") for name in [target, *sources])
        if not sources or not numeric or len({target, *sources}) <= len(sources):
            return None
        weights = tuple(weight for name, weight in terms if name)
        constant = float(sum(weight for name, weight in terms if not name))
        decimal_places = decimals(self.table[target].dropna().to_numpy(float))
        return Sum(target, tuple(sources), weights, constant, decimal_places)

    def _product(self, target: str, parts: str) -> Rule | None:
        expression = parts if re.match(f"{NUMBER} [*/] ", parts) else f"1 * {parts}"
        matches = list(re.finditer(rf" ([*/]) {self.name}(?:\^(\d))?", expression))
        factor = expression[: matches[0].start()] if matches else ""
        sources = tuple(match[2] for match in matches)
        numeric = all(self._is(name, "numeric") for name in (target, *sources))
        whole = factor + "".join(match.group() for match in matches) == expression
        if not matches or not whole or not numeric or len({target, *sources}) <= len(sources):
            return None
        powers = tuple(float(match[3] or 1) * (-1 if match[1] == "/" else 1) for match in matches)
        decimal_places = decimals(self.table[target].dropna().to_numpy(float))
        return Product(target, sources, powers, float(factor), decimal_places)

    def _terms(self, text: str) -> Iterator[tuple[str, float]]:
        """Column and weight of each part of a sum, no column for a constant; none if unreadable."""
        term = re.compile(f"(?:(?:({NUMBER}) )?{self.name}|({NUMBER}))" + r"(?: \+ |$)")
        matches = list(re.finditer(term, text))
        if "".join(match.group() for match in matches) == text:
            for weight, name, constant in (match.groups() for match in matches):
                yield name or "", float(constant or weight or 1)
