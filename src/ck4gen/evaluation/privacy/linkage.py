"""Does a synthetic row lead back to the patient it was generated from?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.neighbors import KDTree

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.gower import TIE, coordinates
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS, group_metrics
from ck4gen.evaluation.privacy.intervals import wilson

NO_SOURCE = "synthetic rows have no single source row"
NAMES = ("privacy/self_link",)
GROUP_NAMES = tuple(f"{NAMES[0]}/{group}" for group in GROUPS)
INFO = (
    MetricInfo(
        "privacy/self_link",
        "Self-link",
        "share whose nearest real patient is their own source (a copy: 1)",
        ideal=0,
        headline=True,
    ),
    *(
        MetricInfo(name, name.split("/")[-1], "self-link of vulnerable patients")
        for name in GROUP_NAMES
    ),
)


class Linkage:
    """Share of synthetic rows whose nearest training row is the row they came from.

    Ties count 1 / tied rows; the share is divided by what a perfect copy would score, so a copy
    scores 1 on coarse data too. Chance is about 1 / n. Intervals of Wilson 1927.

    Args:
        real: Training rows.
        synthetic: (m, p + 2) synthetic rows.
        source: (m,) training row behind each of them.
        schema: Columns of both.
    """

    def __init__(
        self, real: pd.DataFrame, synthetic: pd.DataFrame, source: np.ndarray, schema: Schema
    ) -> None:
        self.source, self.patients = source, len(real)
        points = coordinates(real, real, schema)
        queries = coordinates(synthetic, real, schema)
        _, group, size = np.unique(points.round(9), axis=0, return_inverse=True, return_counts=True)
        self.perfect = (1 / size[group.ravel()])[source]
        source_distance = np.linalg.norm(queries - points[source], axis=1)
        tree = KDTree(points)
        nearest = tree.query(queries)[0][:, 0]
        tied = tree.query_radius(queries, nearest + TIE, count_only=True)
        self.score = (source_distance <= nearest + TIE) / tied

    @property
    def hits(self) -> tuple[float, int]:
        """Rows that lead back to their source, of what a copy would score, and all rows."""
        return min(self.score.sum() / self.perfect.mean(), len(self.score)), len(self.score)

    def metric(self, confidence: float) -> dict[str, Metric]:
        """The share over all synthetic rows."""
        return {NAMES[0]: self._share(np.full(len(self.score), True), confidence)}

    def groups(
        self, groups: dict[str, np.ndarray | str], minimum: int, confidence: float
    ) -> dict[str, Metric]:
        """The share over the rows that come from vulnerable patients, training rows first."""

        def within(member: np.ndarray) -> Metric:
            rows = member[self.source]
            if rows.sum() < minimum:
                return Metric(None, reason=f"only {rows.sum()} synthetic rows come from them")
            return self._share(rows, confidence)

        return group_metrics(NAMES[0], groups, within)

    def _share(self, rows: np.ndarray, confidence: float) -> Metric:
        score, best = self.score[rows], self.perfect[rows].mean()
        low, high = wilson(score.sum(), len(score), confidence)
        chance = f"chance is 1/{self.patients}"
        value = score.mean() / best
        return number(value, low / best, min(high / best, max(value, 1.0)), reason=chance)
