"""A proportional hazard whose baseline shows no single patient."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from ck4gen.survival.curvature import Curvature


class HazardCurve:
    """A proportional hazard with a cumulative baseline that shows no single patient.

    The baseline runs straight from knot to knot: its values at averages of ``group`` neighbouring
    times, none of which is a patient's. At a time that so many patients share it jumps, as at
    the end of a study or where times are whole years. It goes on with its last slope.

    Args:
        coefficients: Log hazard ratios by term.
        means: Covariates of the patient whose hazard the baseline is.
        baseline: Cumulative hazard, indexed by time.
        times: (m,) times at which it happened, not all of them 0.
        weight: (m,) their weights.
        group: Times averaged in one knot.
        curvature: Splines whose terms stand after those of the design.
    """

    def __init__(
        self,
        coefficients: pd.Series,
        means: pd.Series,
        baseline: pd.Series,
        times: np.ndarray,
        weight: np.ndarray,
        group: int,
        curvature: Curvature | None = None,
    ) -> None:
        self.coefficients, self.means = coefficients, means
        self.curvature = curvature or Curvature()
        known = np.r_[0.0, baseline.to_numpy()]
        spikes = _spikes(times, group)
        others = ~np.isin(times, spikes)
        if others.all() or others.sum() >= group:
            knots = _averages(times[others], weight[others], group)
        else:
            knots = []
        self.time = np.unique(np.r_[0.0, knots])
        self.hazard = known[np.searchsorted(baseline.index, self.time, side="right")]
        if len(spikes):
            before, after = (
                known[np.searchsorted(baseline.index, spikes, side=side)]
                for side in ("left", "right")
            )
            time, hazard = np.r_[self.time, spikes, spikes], np.r_[self.hazard, before, after]
            order = np.lexsort((hazard, time))
            self.time, self.hazard = time[order], hazard[order]
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
            "bends": {n: torch.from_numpy(k) for n, k in self.curvature.knots.items()},
        }

    @classmethod
    def from_state(cls, state: dict, terms: list[str]) -> HazardCurve:
        """The hazard of :meth:`to_state` for a design with these terms."""
        law = cls.__new__(cls)
        law.curvature = Curvature({name: knots.numpy() for name, knots in state["bends"].items()})
        terms = terms + law.curvature.names
        law.coefficients = pd.Series(state["coefficients"].numpy(), terms)
        law.means = pd.Series(state["means"].numpy(), terms)
        law.time, law.hazard = state["time"].numpy(), state["hazard"].numpy()
        law.pace = state["pace"]
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
        risk = ((self.curvature.widened(design) - self.means) @ self.coefficients).to_numpy()
        wanted = -np.log(uniform) / np.exp(risk)
        if after is not None:
            wanted += self._hazard_at(after)
        beyond = np.clip(wanted - self.hazard[-1], 0, None) * self.pace
        return np.interp(wanted, self.hazard, self.time) + beyond

    def _hazard_at(self, times: np.ndarray) -> np.ndarray:
        """(n,) cumulative baseline hazards, jumps at these very times included."""
        place = np.searchsorted(self.time, times, side="right")
        inside = place.clip(1, len(self.time) - 1)
        low, high = self.time[inside - 1], self.time[inside]
        share = np.divide(times - low, high - low, out=np.zeros_like(low), where=high > low)
        rise = self.hazard[inside] - self.hazard[inside - 1]
        beyond = (times - self.time[-1]) / max(self.pace, 1e-12)
        return np.where(
            place < len(self.time),
            self.hazard[inside - 1] + share * rise,
            self.hazard[-1] + beyond,
        )


def _spikes(times: np.ndarray, group: int) -> np.ndarray:
    """Times that at least ``group`` patients share."""
    distinct, count = np.unique(times, return_counts=True)
    return distinct[count >= group]


def _averages(times: np.ndarray, weight: np.ndarray, group: int) -> list[float]:
    """Averages of ``group`` neighbouring times, or of all where there are fewer."""
    order = np.argsort(times, kind="stable")
    parts = np.array_split(order, max(1, len(times) // group))
    return [float(np.average(times[part], weights=weight[part])) for part in parts]
