"""What is known of the noise in the statistics that a table was made to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

HAZARD_RATIOS, COLUMNS = "hazard_ratios", "columns"


@dataclass(frozen=True)
class Release:
    """How a table was guarded, as far as its audit needs to know; it stays with the custodian.

    Attributes:
        noise: By kind of statistics, the variance of their noise relative to a bootstrap's.
            Kinds that are left out have their noise measured on the table.
        capped: Weight that a cap left, by row of the patients that it met.
        epsilon: Budget of a formal guarantee, for one patient added or removed; None without one.
        delta: Probability with which it may fail.
        mu: The same budget as mu of Gaussian differential privacy, which bounds every attack.
    """

    noise: Mapping[str, float] = field(default_factory=dict)
    capped: Mapping[int, float] = field(default_factory=dict)
    epsilon: float | None = None
    delta: float | None = None
    mu: float | None = None

    @property
    def largest_area(self) -> float:
        """Area under the curve that no attack exceeds: Phi(mu / sqrt 2) (Dong et al. 2022)."""
        if self.mu is None:
            return 1.0
        from scipy.stats import norm  # a second, which a refusal does not need

        return float(norm.cdf(self.mu / np.sqrt(2)))

    def weight(self, rows: int) -> np.ndarray:
        """(rows,) weights of the patients before any noise."""
        weight = np.ones(rows)
        for row, left in self.capped.items():
            weight[int(row)] = left
        return weight

    def to_state(self) -> dict:
        """The release as plain dicts."""
        capped = {str(row): weight for row, weight in self.capped.items()}
        state: dict = {"noise": dict(self.noise), "capped": capped}
        if self.mu is not None:
            state |= {"epsilon": self.epsilon, "delta": self.delta, "mu": self.mu}
        return state

    def averaged(self, tables: int) -> Release:
        """What is known of the mean over several tables, each under weights of its own.

        The variance of their noise is one over their number. Tables that are redrawn from one
        private release share its noise, and stay as they are.
        """
        if self.mu is not None:
            return self
        return replace(self, noise={kind: noise / tables for kind, noise in self.noise.items()})

    @classmethod
    def from_state(cls, state: Mapping) -> Release:
        """The release of :meth:`to_state`."""
        capped = {int(row): left for row, left in state["capped"].items()}
        return cls(state["noise"], capped, *(state.get(k) for k in ("epsilon", "delta", "mu")))
