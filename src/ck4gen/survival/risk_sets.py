"""Who is at risk at each event time: what every Cox model of the same outcomes shares."""

from __future__ import annotations

import numpy as np

TIES = ("efron", "breslow")


class RiskSets:
    """The risk sets of a table, in the order in which cumulative sums give them.

    An event group is a distinct pair of stratum and event time. The groups are sorted by stratum,
    then by time. Row i is at risk in the groups from ``first[i]`` to ``last[i] - 1``, which holds
    for strata and delayed entry alike.

    Args:
        duration: (n,) times.
        event: (n,) 1 = event, 0 = censored.
        weights: (n,) positive case weights; None for 1.
        strata: (n,) stratum of each row; None for one stratum.
        entry: (n,) times from which a row is at risk, exclusive; None for always.
        ties: ``efron`` (Efron 1977) or ``breslow`` (Breslow 1974).

    Attributes:
        rows: n.
        ends: Distinct durations.
        order: (k,) rows that are at risk in some group, by their last group, its events first.
            The arrays below that end in (k,) follow this order.
        first: (k,) first group of each row.
        last: (k,) one past its last group.
        late: Places in ``order`` of the rows that enter after the first group of their stratum,
            by the last group before they enter.
        starts: (g,) place in ``order`` of the first row whose last group this is.
        bounds: First group of each stratum, and g.
        labels: (s,) the strata, by value.
        times: (g,) event times.
        deaths: (e,) places in ``order`` of the events.
        death_group: (e,) their groups.
        death_starts: (g,) first of ``deaths`` in each group.
        weight: (k,) case weights.
        step_group: (m,) group of each step: one step for each event (Efron) or group (Breslow).
        gone: (m,) share of the group's events that has left the risk set at the step.
        step_weight: (m,) weight of the step: the mean weight of the tied events (Efron), or their
            sum (Breslow).
        tied: Whether some step has lost a share of its events.

    Raises:
        ValueError: A weight is not positive, or a row enters at or after its own end.
    """

    def __init__(
        self,
        duration: np.ndarray,
        event: np.ndarray,
        weights: np.ndarray | None = None,
        strata: np.ndarray | None = None,
        entry: np.ndarray | None = None,
        ties: str = "efron",
    ) -> None:
        duration, event = np.asarray(duration, float), np.asarray(event).astype(bool)
        weight = np.ones(len(duration)) if weights is None else np.asarray(weights, float)
        _check(duration, weight, entry, ties)
        self.rows, self.ends = len(duration), np.unique(duration)
        if strata is None:
            self.labels, stratum = np.zeros(1, int), np.zeros(self.rows, int)
        else:
            self.labels, stratum = np.unique(np.asarray(strata), return_inverse=True)
        first, last = np.zeros(self.rows, int), np.zeros(self.rows, int)
        self.bounds, times = [0], []
        for code in range(len(self.labels)):
            member, offset = stratum == code, self.bounds[-1]
            times.append(np.unique(duration[member & event]))
            last[member] = offset + np.searchsorted(times[-1], duration[member], "right")
            first[member] = offset
            if entry is not None:
                entered = np.asarray(entry, float)[member]
                first[member] += np.searchsorted(times[-1], entered, "right")
            self.bounds.append(offset + len(times[-1]))
        self.times = np.concatenate(times)
        order = np.lexsort((~event, last))
        self.order = order[last[order] > first[order]]
        self.first, self.last = first[self.order], last[self.order]
        self.weight, died = weight[self.order], event[self.order]
        late = np.flatnonzero(self.first > np.array(self.bounds)[stratum[self.order]])
        self.late = late[np.argsort(self.first[late], kind="stable")]
        self.late_groups, self.late_starts = np.unique(self.first[self.late] - 1, return_index=True)
        self.starts = np.searchsorted(self.last, np.arange(1, len(self.times) + 1))
        self.deaths = np.flatnonzero(died)
        self.death_group = self.last[self.deaths] - 1
        self.death_starts = np.searchsorted(self.death_group, np.arange(len(self.times)))
        self._take_steps(ties)
        self.tied = bool(self.gone.any())

    def _take_steps(self, ties: str) -> None:
        """What Efron and Breslow differ in."""
        self.step_group: np.ndarray
        count = np.bincount(self.death_group, minlength=len(self.times))
        weight = np.bincount(self.death_group, self.weight[self.deaths], minlength=len(self.times))
        if ties == "breslow":
            self.step_group = np.arange(len(self.times))
            self.gone, self.step_weight = np.zeros(len(self.times)), weight
            return
        self.step_group = self.death_group
        rank = np.arange(len(self.deaths)) - (np.cumsum(count) - count)[self.step_group]
        self.gone = rank / count[self.step_group]
        self.step_weight = (weight / np.maximum(count, 1))[self.step_group]

    def at_risk(self, values: np.ndarray) -> np.ndarray:
        """(..., k) values by row -> (..., g) their sum over the risk set of each group."""
        sums = self._until_the_end(np.add.reduceat(values, self.starts, axis=-1))
        if len(self.late):  # not yet there: sums of those who enter later
            later = np.zeros_like(sums)
            entering = np.add.reduceat(values[..., self.late], self.late_starts, axis=-1)
            later[..., self.late_groups] = entering
            sums -= self._until_the_end(later)
        return sums

    def _until_the_end(self, sums: np.ndarray) -> np.ndarray:
        """Sums over each group and those after it in its stratum."""
        for start, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            part = sums[..., start:end][..., ::-1]
            np.cumsum(part, axis=-1, out=part)
        return sums

    def dying(self, values: np.ndarray) -> np.ndarray:
        """(..., k) values by row -> (..., g) their sum over the events of each group."""
        return np.add.reduceat(values[..., self.deaths], self.death_starts, axis=-1)

    def by_group(self, values: np.ndarray) -> np.ndarray:
        """(..., m) values by step -> (..., g) their sum over the steps of each group."""
        if len(self.step_group) == len(self.times):
            return values
        return np.add.reduceat(values, self.death_starts, axis=-1)

    def while_at_risk(self, values: np.ndarray) -> np.ndarray:
        """(..., g) values by group -> (..., k) their sum over the groups in which a row is."""
        until = np.empty_like(values)
        for start, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            np.cumsum(values[..., start:end], axis=-1, out=until[..., start:end])
        sums: np.ndarray = until[..., self.last - 1]
        if len(self.late):  # others come with the first group of their stratum, before which is 0
            sums[..., self.late] -= (until - values)[..., self.first[self.late]]
        return sums


def _check(duration: np.ndarray, weight: np.ndarray, entry: np.ndarray | None, ties: str) -> None:
    if ties not in TIES:
        raise ValueError(f"ties is '{ties}'; it is one of {', '.join(TIES)}")
    if not np.isfinite(duration).all():
        raise ValueError("the durations hold missing or infinite values; leave those rows out")
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise ValueError("the weights must be positive numbers; leave rows of weight 0 out")
    if entry is not None and not (np.asarray(entry, float) < duration).all():
        raise ValueError("a row must enter before its end; leave the others out")
