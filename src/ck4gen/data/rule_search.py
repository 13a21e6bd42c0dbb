"""Finds the exact rules between the columns of a cohort, conservatively.

A rule is believed when its columns would break it in at least ``SUPPORT`` rows if they had nothing
to do with each other, and do in none. Levels of fewer patients than that take no part, and no cut
or weight of a rule is known from fewer patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from ck4gen.data.aliasing import aliased, sources
from ck4gen.data.precision import decimals
from ck4gen.data.product_rule import Product
from ck4gen.data.product_search import find_products
from ck4gen.data.rule_cuts import band_cuts, lower_bound, parted, upper_bound
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

SUPPORT = 10  # patients: of a level, and rows in which chance would break a rule
ORDER_SUPPORT = 5  # rows in which chance would break an ordering, whose repair moves a value little
FEW_VALUES = 12  # a number with at most so many values has levels too
TAIL = 0.1  # share of the patients beyond a bound; a smaller one is the tail of a distribution
MOST_COLUMNS = 100  # a wider table is not searched: its pairs are too many to believe
MOST_SUMMED = 20  # numbers of which each two may be summed or multiplied; more have too many pairs

EXACT = 1e-6  # error of a sum, as a share of its column's spread


@dataclass(frozen=True)
class FoundRules:
    """What was found between the columns.

    Attributes:
        rules: The rules of the covariates, in the order in which a table is repaired.
        withheld: In words, bands of numbers with a cut that few patients stand behind, which are
            no rules.
    """

    rules: tuple[Rule, ...]
    withheld: tuple[str, ...] = ()


def find_rules(
    table: pd.DataFrame, schema: Schema, by_definition: tuple[Banded, ...] = ()
) -> FoundRules:
    """The rules between the covariates of a table.

    Args:
        table: (n, >= p) training rows; blanks take no part.
        schema: Their columns.
        by_definition: Columns of which it is public how they follow from others.
    """
    if len(schema.columns) > MOST_COLUMNS:
        return FoundRules(by_definition)
    search = _Search(table, schema)
    following: list[Sum | Product | Banded | Mapped] = [*by_definition]
    defined = {rule.target for rule in by_definition}
    following += [rule for rule in search.sums() if rule.target not in defined]
    products = search.products({rule.target for rule in following})
    following += products
    targets = {rule.target for rule in following}
    indices = {rule.target for rule in products}
    for name in reversed(schema.names):
        # a class may go by an index
        rule = None if name in targets else search.follows(name, targets - indices)
        if rule is not None:
            following.append(rule)
            targets.add(rule.target)
    free = [name for name in schema.names if name not in targets]
    pairs: list[Rule] = [*search.forbidden(free), *search.bounded(free), *search.ordered(free)]
    withheld = {name: words for name, words in search.withheld.items() if name not in targets}
    return FoundRules((*pairs, *following), tuple(withheld.values()))


@dataclass(frozen=True)
class _Search:
    table: pd.DataFrame
    schema: Schema
    withheld: dict[str, str] = field(default_factory=dict)  # by the column that follows

    def numbers(self, names: list[str]) -> list[str]:
        """Those of the columns that are numeric."""
        return [name for name in names if self.schema[name].kind == "numeric"]

    def levels(self, name: str) -> list[Value]:
        """Levels that patients enough have; none for a number of many values."""
        return self._levels[name]

    @cached_property
    def _counts(self) -> dict[str, pd.Series]:
        """Patients by value of each column."""
        return {column.name: self.table[column.name].value_counts() for column in self.schema}

    @cached_property
    def _levels(self) -> dict[str, list[Value]]:
        levels_by_column: dict[str, list[Value]] = {}
        for column in self.schema:
            counts = self._counts[column.name]
            few = column.kind != "numeric" or len(counts) <= FEW_VALUES
            levels_by_column[column.name] = sorted(counts.index[counts >= SUPPORT]) if few else []
        return levels_by_column

    @cached_property
    def _codes(self) -> dict[str, np.ndarray]:
        """(n,) by column that has levels: a row's place among them, then among rarer values.

        -1 is a blank. The search looks at every pair of columns, for which pandas is slow.
        """
        codes = {}
        for name, levels in self._levels.items():
            if levels:
                rare = self._counts[name].index.difference(pd.Index(levels), sort=False)
                codes[name] = pd.Index([*levels, *rare]).get_indexer(self.table[name])
        return codes

    @cached_property
    def _numbers(self) -> dict[str, np.ndarray]:
        """(n,) by numeric column, NaN for a blank."""
        return {
            name: self.table[name].to_numpy(float, na_value=np.nan)
            for name in self.numbers(self.schema.names)
        }

    def _together(self, first: str, second: str) -> np.ndarray:
        """Patients by value of one column (rows) and of another, in the order of their codes."""
        a, b = self._codes[first], self._codes[second]
        both_observed = (a >= 0) & (b >= 0)
        shape = len(self._counts[first]), len(self._counts[second])
        cells = np.bincount(
            a[both_observed] * shape[1] + b[both_observed], minlength=shape[0] * shape[1]
        )
        return cells.reshape(shape)

    def sums(self) -> list[Sum]:
        """Columns that are weighted sums of others: of a relation, the one that varies most."""
        names = self.numbers(self.schema.names) + self.schema.of_kind("binary")
        design = self.table[[n for n in self.schema.names if n in names]].astype(float).dropna()
        if design.shape[1] < 2 or len(design) < design.shape[1] + SUPPORT:
            return []
        aliased_terms = [name for name in aliased(design) if design[name].nunique() > 1]
        rules: list[Sum] = []
        for name in aliased_terms:
            members = [*sources(design, name, aliased_terms), name]
            target = max(members, key=lambda member: (design[member].std(), member == name))
            others = [member for member in members if member != target]
            if not any({target, *others} & {r.target} for r in rules):
                rules += self._sum(design, target, others)
        return rules

    def _sum(self, design: pd.DataFrame, target: str, others: list[str]) -> Iterator[Sum]:
        x = np.column_stack([design[others].to_numpy(), np.ones(len(design))])
        y = design[target].to_numpy()
        if any(design[name].value_counts().iloc[1:].sum() < SUPPORT for name in others):
            return  # a weight that a few patients would tell
        weights = np.linalg.lstsq(x, y, rcond=None)[0].round(9) + 0.0
        decimal_places = decimals(y)
        if np.abs(x @ weights - y).max() <= min(EXACT * y.std(), 0.4 * 10.0**-decimal_places):
            weight, constant = tuple(map(float, weights[:-1])), float(weights[-1])
            yield Sum(target, tuple(others), weight, constant, decimal_places)

    def products(self, taken: set[str]) -> list[Product]:
        """Columns that are products of powers of two others, none of them ``taken``."""
        free = {name: x for name, x in self._numbers.items() if name not in taken}
        return find_products(free, FEW_VALUES, SUPPORT) if len(free) <= MOST_SUMMED else []

    def follows(self, name: str, taken: set[str]) -> Banded | Mapped | None:
        """The rule by which a column of levels follows from another column, or the sum of two."""
        values = self.levels(name)
        if len(values) < 2 or len(self._counts[name]) != len(values):
            return None
        for source in self.schema.names:
            if source == name or source in taken:
                continue
            find = self._mapped if self.levels(source) else self._banded
            if (rule := find(name, source)) is not None:
                return rule
        free = [source for source in self.numbers(self.schema.names) if source not in taken]
        if len(free) > MOST_SUMMED:
            return None
        pairs = (self._banded(name, *pair) for pair in combinations(free, 2) if name not in pair)
        return next(filter(None, pairs), None)

    def _mapped(self, name: str, source: str) -> Mapped | None:
        counts = self._together(source, name)
        if ((counts > 0).sum(axis=1) > 1).any():
            return None
        pairs = [  # rare values come last in ``counts`` and are no levels
            (level, self.levels(name)[row.argmax()])
            for level, row in zip(self.levels(source), counts, strict=False)
            if row.sum() >= SUPPORT
        ]
        if len({value for _, value in pairs}) < 2:
            return None
        levels, values = zip(*pairs, strict=True)
        return Mapped(name, source, tuple(map(_plain, levels)), tuple(map(_plain, values)))

    def _banded(self, name: str, *sources: str) -> Banded | None:
        if any(self.schema[source].kind != "numeric" for source in sources):
            return None
        codes, numbers = self._codes[name], total_of(self._numbers, sources)
        bands = [numbers[(codes == code) & ~np.isnan(numbers)] for code in range(codes.max() + 1)]
        if min(map(len, bands)) < SUPPORT:
            return None
        order = np.argsort([band.min() for band in bands], kind="stable")
        in_order = [bands[code] for code in order]
        if not parted(in_order):
            return None
        cuts = band_cuts(in_order, SUPPORT)
        if cuts is None:
            self.withheld.setdefault(name, f"{name} follows from {' + '.join(sources)}")
            return None
        values = [_plain(self.levels(name)[code]) for code in order]
        return Banded(name, sources, cuts, tuple(values))

    def forbidden(self, names: list[str]) -> Iterator[Forbidden]:
        """Levels of two columns that never meet."""
        named = [name for name in names if self.levels(name)]
        for index, second in enumerate(named):
            for first in named[:index]:
                rows, columns = self.levels(first), self.levels(second)
                counts = self._together(first, second)[: len(rows), : len(columns)]
                total = max(int(counts.sum()), 1)
                chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
                for i, j in zip(*np.nonzero((counts == 0) & (chance >= SUPPORT)), strict=True):
                    other = _plain(columns[j])
                    instead = _instead(pd.Series(counts[i], columns), other)
                    yield Forbidden(first, _plain(rows[i]), second, other, instead)

    def bounded(self, names: list[str]) -> Iterator[Bounded]:
        """Levels that are found on one side of a number only."""
        numbers = [name for name in self.numbers(names) if not self.levels(name)]
        for name in [name for name in names if self.levels(name)]:
            for number in numbers:
                for code in range(len(self.levels(name))):
                    yield from self._bounds(name, number, code)

    def _bounds(self, name: str, number: str, code: int) -> Iterator[Bounded]:
        codes, numbers, level = self._codes[name], self._numbers[number], self.levels(name)[code]
        observed = (codes >= 0) & ~np.isnan(numbers)
        with_level = observed & (codes == code)
        if with_level.sum() < SUPPORT:
            return
        enough = max(TAIL * observed.sum(), SUPPORT * observed.sum() / with_level.sum())
        for below, bound in ((True, upper_bound), (False, lower_bound)):
            others = numbers[observed & ~with_level]
            cut = bound(numbers[with_level], others, int(np.ceil(enough)), SUPPORT)
            if cut is None:
                continue
            outside = observed & (numbers >= cut if below else numbers < cut)
            counts = self.table[name][outside].value_counts()
            common = counts[counts.index.isin(self.levels(name))]
            if len(common):
                yield Bounded(name, _plain(level), number, cut, below, _instead(common, level))

    def ordered(self, names: list[str]) -> Iterator[Ordered]:
        """Numbers that are never above another one."""
        values = self._numbers
        for low, high in permutations(self.numbers(names), 2):
            both_observed = ~np.isnan(values[low]) & ~np.isnan(values[high])
            a, b = values[low][both_observed], values[high][both_observed]
            if (a > b).any():
                continue
            chance = np.searchsorted(np.sort(b), a).sum() / max(len(b), 1)  # rows of b below a
            if chance >= ORDER_SUPPORT:
                step = coarser_step(self.schema[low].step, self.schema[high].step)
                yield Ordered(low, high, step)


def _instead(counts: pd.Series, level: Value) -> Value:
    """The level that takes the place of one that cannot be: the nearest of the common ones.

    Args:
        counts: Patients of each level that can be.
        level: The one that cannot; levels that are no numbers have no distance, so that the most
            common one is taken.
    """
    if isinstance(level, str):
        return str(counts.idxmax())
    common = counts.index[counts >= min(SUPPORT, counts.max())]
    return float(min(common, key=lambda other: abs(other - level)))


def _plain(value: object) -> Value:
    """A value of a table as Python's own."""
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
