"""When a sweep will be over: from its own jobs that have ended, and from earlier runs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FREE = ("seed=", "split_seed=")  # keys that change nothing of how long a job takes

Kind = tuple[str, ...]


def kind_of(overrides: Sequence[str]) -> Kind:
    """What a job is, but for its seed."""
    return tuple(word for word in overrides if not word.startswith(FREE))


@dataclass(frozen=True)
class SweepClock:
    """The jobs of a sweep and what is known of them.

    Attributes:
        kinds: Kind of each job, by its number; in this order they begin.
        workers: Jobs at once.
        before: Seconds of each kind in earlier runs, where there are any.
    """

    kinds: Sequence[Kind]
    workers: int
    before: Mapping[Kind, float]

    def remaining(self, ended: Sequence[dict], running: Mapping[int, float]) -> float | None:
        """Seconds until the last job ends; None before anything is known.

        Args:
            ended: Records of jobs, with ``number``, ``status``, ``seconds``, and ``alone``, the
                seconds without the imports of a worker's first job.
            running: Seconds for which each unfinished job runs, by number.
        """
        over = {job["number"] for job in ended}
        taken = self._taken([job for job in ended if job["status"] == "done"])
        expected = {kind: self._expected(kind, taken) for kind in set(self.kinds)}
        if None in expected.values():
            return None
        seconds = {kind: value or 0.0 for kind, value in expected.items()}
        left = [max(seconds[self.kinds[n]] - since, 0.0) for n, since in running.items()]
        ends = (left + [0.0] * self.workers)[: max(self.workers, len(left))]
        for number, kind in enumerate(self.kinds):
            if number not in over and number not in running:
                first = ends.index(min(ends))  # the next job goes to whoever is free first
                ends[first] += seconds[kind]
        return max(ends)

    def _taken(self, done: Sequence[dict]) -> dict[Kind, float]:
        """Seconds of each kind of which a job is done; later jobs of a worker tell it better."""
        taken = {}
        for kind in {self.kinds[job["number"]] for job in done}:
            jobs = [job for job in done if self.kinds[job["number"]] == kind]
            later = [job["seconds"] for job in jobs if not job["first"]]
            taken[kind] = statistics.median(later or [job["alone"] for job in jobs])
        return taken

    def _expected(self, kind: Kind, taken: Mapping[Kind, float]) -> float | None:
        if kind in taken:
            return taken[kind]
        both = [name for name in taken if self.before.get(name)]
        speed = sum(taken[n] for n in both) / sum(self.before[n] for n in both) if both else 1.0
        if kind in self.before:  # on this machine, in the measured ratio
            return self.before[kind] * speed
        return statistics.mean(taken.values()) if taken else None
