"""A hazard of Cox's form whose baseline shows no single patient."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy.optimize import brentq

from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.law import Law
from ck4gen.survival.changing_effects import ChangingEffects
from ck4gen.survival.curvature import Curvature

POWERS = 0.3, 30.0  # of time, up to the first knot: at least, at most


class HazardCurve:
    """A hazard of Cox's form with a cumulative baseline that shows no single patient.

    The baseline runs straight from knot to knot: its values at averages of neighbouring times,
    none of which is a patient's, and late in the follow-up, since few events may come after the
    last of these. At a time that ``knots.group`` patients share it jumps, as at the end of a study
    or where times are whole years. It goes on with its last slope. Up to the first knot it rises
    as a power of time, since the first censored patient may come late; and further, where there is
    one knot alone.

    Args:
        law: The hazard, with the baseline as it was estimated.
        times: (m,) times at which it happened, not all of them 0.
        weight: (m,) their weights.
        knots: Which times are averaged in a knot.
        late: A time up to which patients were followed, for the last knot; 0 for none.
    """

    def __init__(
        self,
        law: Law,
        times: np.ndarray,
        weight: np.ndarray,
        knots: Knots,
        late: float = 0.0,
    ) -> None:
        self.coefficients, self.means, baseline, self.curvature, self.changes = law
        cumulative_hazard = np.r_[0.0, baseline.to_numpy()]
        spikes = _spikes(times, knots.group)
        others = ~np.isin(times, spikes)
        averages, self.shape = np.zeros(0), 1.0
        if others.all() or others.sum() >= knots.least:
            parts = knots.parts(times[others])
            averages = np.array([_average(times[others], weight[others], part) for part in parts])
            self.shape = _power(times[others][parts[0]], weight[others][parts[0]])
        last = np.r_[averages, spikes].max()
        self.time = np.unique(np.r_[0.0, averages, late if late > last else 0.0])
        self.hazard = cumulative_hazard[np.searchsorted(baseline.index, self.time, side="right")]
        if len(spikes):
            before, after = (
                cumulative_hazard[np.searchsorted(baseline.index, spikes, side=side)]
                for side in ("left", "right")
            )
            time, hazard = np.r_[self.time, spikes, spikes], np.r_[self.hazard, before, after]
            order = np.lexsort((hazard, time))
            self.time, self.hazard = time[order], hazard[order]
            if spikes[0] <= self.time[1]:
                self.shape = 1.0
        start = np.flatnonzero(self.time < self.time[-1])[-1:]  # none where all times are 0
        rise = self.hazard[-1] - self.hazard[start].sum()
        self.pace = (self.time[-1] - self.time[start].sum()) / max(rise, 1e-12)

    def to_state(self) -> dict:
        """What a shared sampler holds of it."""
        return {
            "coefficients": torch.from_numpy(self.coefficients.to_numpy()),
            "means": torch.from_numpy(self.means.to_numpy()),
            "time": torch.from_numpy(self.time),
            "hazard": torch.from_numpy(self.hazard),
            "pace": float(self.pace),
            "shape": float(self.shape),
            "bends": {n: torch.from_numpy(k) for n, k in self.curvature.knots.items()},
            "changes": {"terms": list(self.changes.terms), "after": float(self.changes.after)},
        }

    @classmethod
    def from_state(cls, state: dict, terms: list[str]) -> HazardCurve:
        """The hazard of :meth:`to_state` for a design with these terms."""
        law = cls.__new__(cls)
        law.curvature = Curvature({name: knots.numpy() for name, knots in state["bends"].items()})
        changes = state["changes"]
        law.changes = ChangingEffects(tuple(changes["terms"]), changes["after"])
        terms = terms + law.curvature.names
        law.means = pd.Series(state["means"].numpy(), terms)
        terms = terms + law.changes.names
        law.coefficients = pd.Series(state["coefficients"].numpy(), terms)
        law.time, law.hazard = state["time"].numpy(), state["hazard"].numpy()
        law.pace, law.shape = state["pace"], state["shape"]
        return law

    def time_at(
        self, design: pd.DataFrame, uniform: np.ndarray, after: np.ndarray | None = None
    ) -> np.ndarray:
        """(n,) times at which survival falls to ``uniform`` for the rows of ``design``.

        Args:
            design: (n, p) terms.
            uniform: (n,) shares of those who live ``after`` a time.
            after: (n,) the time; None for 0.
        """
        centred = self.curvature.widened(design) - self.means
        risk = (centred @ self.coefficients[centred.columns]).to_numpy()
        target_hazard = -np.log(uniform) / np.exp(risk)
        start = np.zeros(len(target_hazard)) if after is None else self._hazard_at(after)
        target_hazard += start
        if self.changes.terms:
            turn = np.maximum(start, self._hazard_at(np.array([self.changes.after])))
            change = centred[[*self.changes.terms]] @ self.coefficients[self.changes.names].array
            later = (target_hazard - turn) / np.exp(change.to_numpy())
            target_hazard = np.where(target_hazard > turn, turn + later, target_hazard)
        beyond = np.clip(target_hazard - self.hazard[-1], 0, None) * self.pace
        times = np.interp(target_hazard, self.hazard, self.time) + beyond
        if self.shape == 1:
            return times
        first, rise = self.time[1], self.hazard[1]
        early = target_hazard < rise if len(self.time) > 2 else target_hazard >= 0
        return np.where(early, first * (target_hazard / rise) ** (1 / self.shape), times)

    def _hazard_at(self, times: np.ndarray) -> np.ndarray:
        """(n,) cumulative baseline hazards, jumps at these very times included."""
        knot_index = np.searchsorted(self.time, times, side="right")
        inside = knot_index.clip(1, len(self.time) - 1)
        low, high = self.time[inside - 1], self.time[inside]
        share = np.divide(times - low, high - low, out=np.zeros_like(low), where=high > low)
        rise = self.hazard[inside] - self.hazard[inside - 1]
        beyond = (times - self.time[-1]) / max(self.pace, 1e-12)
        hazard = np.where(
            knot_index < len(self.time),
            self.hazard[inside - 1] + share * rise,
            self.hazard[-1] + beyond,
        )
        if self.shape == 1:
            return hazard
        early = times < self.time[1] if len(self.time) > 2 else times >= 0
        return np.where(early, self.hazard[1] * (times / self.time[1]) ** self.shape, hazard)


def _spikes(times: np.ndarray, group: int) -> np.ndarray:
    """Times that at least ``group`` patients share."""
    distinct, count = np.unique(times, return_counts=True)
    return distinct[count >= group]


def _average(times: np.ndarray, weight: np.ndarray, part: np.ndarray) -> float:
    return float(np.average(times[part], weights=weight[part]))


def _power(times: np.ndarray, weight: np.ndarray) -> float:
    """The power of time as which events become more: k where P(T < t) is as t^k up to the last.

    By two averages, since log E T - E log T = log(k / (k + 1)) + 1 / k. The last itself is one
    patient's.
    """
    positive = times > 0
    if not positive.any():
        return 1.0
    late = times.clip(times[positive].min() / 2)  # 0 has no logarithm
    gap = np.log(np.average(late, weights=weight)) - np.average(np.log(late), weights=weight)
    gap = np.clip(gap, _gap(POWERS[1]), _gap(POWERS[0]))
    return float(brentq(lambda power: _gap(power) - gap, *POWERS))


def _gap(power: float) -> float:
    return float(np.log(power / (power + 1)) + 1 / power)
