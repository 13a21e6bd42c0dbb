"""Groups of patients whose follow-up ends in other ways, as those who came in other years."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import xlogy

from ck4gen.data.averaged_quantile import averaged_quantile
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.law import Law

GROUP = "group of follow-up"  # the column that a table has of them, a stratum of its censoring
PERIODS = 4  # of follow-up, with as many censored patients each, in which groups are compared


@dataclass(frozen=True)
class FollowUpGroups:
    """Groups by one column, each with a curve of censoring of its own; by default there are none.

    Where a study ends on a day, whoever came a year later is followed for a year less: that shifts
    a curve in time, which no hazard ratio does.

    Attributes:
        column: The column.
        cuts: Of a numeric or binary: a value has the number of cuts that lie below it.
        levels: Of a category: their places are the numbers.
    """

    column: str = ""
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()

    def of(self, table: pd.DataFrame) -> np.ndarray:
        """(n,) number of the group of each row; that of no level is one more than theirs."""
        if self.levels:
            numbers = pd.Index(self.levels).get_indexer(table[self.column].astype(str))
            return np.where(numbers < 0, len(self.levels), numbers)
        return np.searchsorted(np.array(self.cuts), table[self.column].to_numpy(float))

    def table(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows with their group, where there are groups."""
        return table.assign(**{GROUP: self.of(table).astype(str)}) if self.column else table

    def schema(self, schema: Schema) -> Schema:
        """The schema of these rows, in which the group is a stratum."""
        if not self.column:
            return schema
        numbers = range(1 + max(len(self.cuts), len(self.levels)))
        group = Column(GROUP, "categorical", levels=tuple(map(str, numbers)), stratum=True)
        return replace(schema, columns=(*schema.columns, group))

    def stratified(self, cohort: WeightedCohort) -> WeightedCohort:
        """The same rows by group."""
        return replace(cohort, table=self.table(cohort.table), schema=self.schema(cohort.schema))

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_state(cls, state: dict) -> FollowUpGroups:
        """The groups of :meth:`to_state`."""
        return cls(state["column"], tuple(state["cuts"]), tuple(state["levels"]))


def follow_up_groups(cohort: WeightedCohort, law: Law, knots: Knots, most: int) -> FollowUpGroups:
    """Groups by the column in whose groups censoring departs most from its law; none by default.

    By the Poisson deviance of the censored patients that each group has from those that it should
    have by the law, in each quarter of them in time (the cells are those of Moreau, O'Quigley and
    Mesbah 1985), less log n for each cell (Schwarz 1978; n are the censored): the most, if it is
    above 0. One column: our choice.

    Args:
        cohort: Rows whose event is their censoring, without strata, and their weights.
        law: The Cox model of it.
        knots: Patients in a knot of a curve; ``group`` of them must be censored in a group.
        most: Groups by a numeric, at most; 0 finds none.
    """
    happened, times = cohort.event == 1, cohort.duration
    edges = np.quantile(times[happened], np.linspace(0, 1, PERIODS + 1)[1:-1])
    passed = _hazard(cohort.design, law, np.minimum(times[:, None], np.r_[edges, times.max()]))
    expected = cohort.weight[:, None] * np.diff(passed, axis=1, prepend=0)
    observed = happened[:, None] & (np.searchsorted(edges, times)[:, None] == np.arange(PERIODS))
    observed = cohort.weight[:, None] * observed
    best, most_gained = FollowUpGroups(), 0.0
    for column in cohort.schema if most else ():
        groups = _by(column, cohort, knots, most)
        if not groups.column:
            continue
        numbers = _enough(groups.of(cohort.table), happened, knots.group)
        if numbers.any():
            # weights of the guard make sums noisier: by the mean of their squares
            deviance = _deviance(numbers, observed, expected) / (cohort.weight**2).mean()
            gain = deviance - numbers.max() * PERIODS * np.log(happened.sum())
            if gain > most_gained:
                best, most_gained = groups, gain
    return best


def _deviance(numbers: np.ndarray, observed: np.ndarray, expected: np.ndarray) -> float:
    """Deviance of the observed patients of each group and period from those expected."""
    sums = [np.zeros((numbers.max() + 1, PERIODS)) for _ in range(2)]
    for total, parts in zip(sums, (observed, expected), strict=True):
        np.add.at(total, numbers, parts)
    seen, due = sums
    return float(2 * (xlogy(seen, seen / due.clip(min=1e-9)) - seen + due).sum())


def _hazard(design: pd.DataFrame, law: Law, times: np.ndarray) -> np.ndarray:
    """(n, k) cumulative hazards of each row at k times of its own."""
    risk = np.exp((design - law.means) @ law.coefficients).to_numpy()
    cumulative = np.r_[0.0, law.baseline.to_numpy()]
    return risk[:, None] * cumulative[np.searchsorted(law.baseline.index, times, side="right")]


def _by(column: Column, cohort: WeightedCohort, knots: Knots, most: int) -> FollowUpGroups:
    """Groups by a column: its levels, or its common values where they are few; none by default."""
    if column.kind == "categorical":
        return FollowUpGroups(column.name, levels=column.levels)
    values = cohort.table[column.name].to_numpy(float)
    distinct, count = np.unique(values, return_counts=True)
    if len(distinct) <= most:
        # between values that many patients have: where a cut lies tells of none of them
        common = distinct[count >= knots.group]
        cuts = (common[1:] + common[:-1]) / 2
    else:
        parts = min(most, int(cohort.event.sum()) // (knots.number * knots.least))
        shares = np.arange(1, parts) / max(parts, 1)
        cuts = np.unique(
            [averaged_quantile(values, cohort.weight, share, knots.group) for share in shares]
        )
    return FollowUpGroups(column.name, tuple(map(float, cuts))) if len(cuts) else FollowUpGroups()


def _enough(numbers: np.ndarray, happened: np.ndarray, fewest: int) -> np.ndarray:
    """(n,) numbers of groups, from 0 on, in which those with few censored patients are one."""
    names, numbers = np.unique(numbers, return_inverse=True)
    few = np.bincount(numbers, happened, len(names)) < fewest
    return np.unique(np.where(few[numbers], len(names), numbers), return_inverse=True)[1]
