"""The tables under audit, the patients who are attacked, and what is measured at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Schema
from ck4gen.evaluation.base.metric import FAULTS, Metric, absent, guarded, reason_of
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy.copies import NO_HOLDOUT
from ck4gen.evaluation.privacy.drawn_rows import drawn
from ck4gen.evaluation.privacy.gower import coordinates
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS, high_risk_patients


@dataclass(frozen=True)
class AuditedTables:
    """What the attacks share, computed once and only when one needs it.

    Attributes:
        real: Training rows, (n, p + 2).
        synthetic: Synthetic rows, (m, p + 2).
        holdout: (k, p + 2) real rows that no part of the generator has seen, or None.
        source: (m,) training row behind each synthetic row, or None.
        schema: Columns of all.
        settings: One leaf of ``conf/evaluation``.
        count: Tables of which the synthetic rows are the union.
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    source: np.ndarray | None
    schema: Schema
    settings: EvaluationSettings
    count: int = 1

    def when(
        self, enabled: bool, names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]
    ) -> dict[str, Metric]:
        """Metrics that the settings may leave out."""
        if not enabled:
            return absent(names, f"not computed under evaluation={self.settings.name}")
        return guarded(names, compute)

    def held_out(
        self, enabled: bool, names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]
    ) -> dict[str, Metric]:
        """Metrics that need held-out patients, and that the settings may leave out."""
        if self.holdout is None:
            return absent(names, NO_HOLDOUT)
        return self.when(enabled, names, compute)

    @property
    def attacks(self) -> int:
        """How many attacks beside copies are tried."""
        privacy, controls = self.settings.privacy, self.holdout is not None
        tried = (
            self.settings.self_link and self.source is not None,
            controls,  # the link by the outcome
            controls and privacy.attribute,
            controls and privacy.membership_splits > 0,
        )
        return sum(tried)

    @property
    def grouped(self) -> bool:
        """Whether high-risk patients are looked at by themselves."""
        return self.settings.privacy.vulnerable_share > 0

    @property
    def group_confidence(self) -> float:
        """Level of one interval for which those of all groups and attacks hold at once.

        Bonferroni: the groups are small and many.
        """
        return 1 - (1 - self.settings.confidence) / (len(GROUPS) * self.attacks)

    @property
    def powered(self) -> bool:
        """Whether it is measured which leaks an attack would see."""
        return self.settings.privacy.power_replicates > 0

    @cached_property
    def attacked(self) -> pd.DataFrame:
        """The training rows that are attacked."""
        return self._drawn(self.real)

    @cached_property
    def controls(self) -> pd.DataFrame:
        """The held-out rows that are attacked."""
        if self.holdout is None:
            raise ValueError(NO_HOLDOUT)
        return self._drawn(self.holdout)

    @cached_property
    def patients(self) -> pd.DataFrame:
        """Training rows, then held-out rows."""
        return pd.concat([self.attacked, self.controls], ignore_index=True)

    @cached_property
    def train(self) -> np.ndarray:
        """(N,) mask of the training rows among the patients."""
        return np.arange(len(self.patients)) < len(self.attacked)

    @cached_property
    def all_coordinates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of training, synthetic and held-out rows."""
        tables = self.attacked, self._drawn(self.synthetic), self.controls
        real, synthetic, holdout = (self.coordinates(table) for table in tables)
        return real, synthetic, holdout

    def coordinates(self, table: pd.DataFrame) -> np.ndarray:
        """(rows, d) coordinates on the scale of the training rows."""
        return coordinates(table, self.real, self.schema)

    def profiles(self) -> np.ndarray:
        """(N, d) what patients are known by, outcome included."""
        outcome_columns = [DURATION, EVENT, *([ENTRY] if self.schema.delayed_entry else [])]
        return np.hstack(
            [self.coordinates(self.patients), self.patients[outcome_columns].to_numpy(float)]
        )

    @cached_property
    def groups(self) -> dict[str, np.ndarray | str]:
        """Mask of high-risk patients by group, or the reason why there is none."""
        return self._grouped_by(self.real if self.holdout is None else self.patients)

    @cached_property
    def source_groups(self) -> dict[str, np.ndarray | str]:
        """Groups of which the mask begins with every training row."""
        whole = self.holdout is None or len(self.attacked) == len(self.real)
        return self.groups if whole else self._grouped_by(self.real)

    def _grouped_by(self, patients: pd.DataFrame) -> dict[str, np.ndarray | str]:
        try:
            return high_risk_patients(patients, self.real, self.schema, self.settings.privacy)
        except FAULTS as error:
            return dict.fromkeys(GROUPS, reason_of(error))

    def _drawn(self, table: pd.DataFrame) -> pd.DataFrame:
        return drawn(table, self.settings.privacy.most_targets, self.settings.privacy.seed)
