"""What is known of the noise in the statistics that a table was made to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

HAZARD_RATIOS, COLUMNS = "hazard_ratios", "columns"


@dataclass(frozen=True)
class Release:
    """How a table was guarded, as far as its audit needs to know; it stays with the custodian.

    Attributes:
        noise: By kind of statistics, the variance of their noise relative to a bootstrap's.
            Kinds that are left out have their noise measured on the table.
        capped: Weight that a cap left, by row of the patients that it met.
    """

    noise: Mapping[str, float] = field(default_factory=dict)
    capped: Mapping[int, float] = field(default_factory=dict)

    def weight(self, rows: int) -> np.ndarray:
        """(rows,) weights of the patients before any noise."""
        weight = np.ones(rows)
        for row, left in self.capped.items():
            weight[int(row)] = left
        return weight

    def to_state(self) -> dict:
        """The release as plain dicts."""
        capped = {str(row): weight for row, weight in self.capped.items()}
        return {"noise": dict(self.noise), "capped": capped}

    @classmethod
    def from_state(cls, state: Mapping) -> Release:
        """The release of :meth:`to_state`."""
        return cls(state["noise"], {int(row): left for row, left in state["capped"].items()})
