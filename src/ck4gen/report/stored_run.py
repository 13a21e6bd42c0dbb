"""A finished run on disk, as the report reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ck4gen.evaluation.written_hazards import read_hazard_table
from ck4gen.experiments.store import HAZARD_RATIOS

# what a table costs: a calibrated method calibrates when it draws, in one process as it fits
TABLE_SECONDS = "cost/table_seconds"
SUMS = {TABLE_SECONDS: ("cost/fit_cpu_seconds", "cost/sample_seconds")}


def parts_of(name: str) -> tuple[str, ...]:
    """The metrics of ``report.json`` that a metric of the report is the sum of."""
    return SUMS.get(name, (name,))


@dataclass(frozen=True)
class StoredRun:
    """A finished run on disk."""

    folder: Path
    report: dict

    @property
    def seed(self) -> int:
        """Seed of training and sampling."""
        return self.report["seed"]

    def metric(self, name: str) -> float:
        """Value of a metric, or of a sum of metrics (``SUMS``); NaN where it has none."""
        values = [self.report["metrics"].get(part, {}).get("value") for part in parts_of(name)]
        return sum(float("nan") if value is None else value for value in values)

    @property
    def hazard_ratios(self) -> pd.DataFrame:
        """``hazard_ratios.csv``."""
        return read_hazard_table(self.folder / HAZARD_RATIOS)
