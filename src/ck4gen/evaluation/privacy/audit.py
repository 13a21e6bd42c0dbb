"""All privacy metrics of a synthetic table under their flat names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import FAULTS, Metric, absent, guarded
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy import (
    attribute_inference,
    copies,
    distances,
    holdout_distance,
    linkage,
    membership_inference,
)
from ck4gen.evaluation.privacy.attribute_inference import ATTRIBUTE, OUTCOME_LINK, Attack
from ck4gen.evaluation.privacy.gower import coordinates
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS, high_risk_patients
from ck4gen.evaluation.privacy.small_cells import SMALL_CELLS, small_cell_count


def privacy_metrics(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    source: np.ndarray | None,
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    """Every attack of ``docs/metrics.md`` on the training rows, held-out rows as control.

    Args:
        real: Training rows, (n, p + 2).
        synthetic: Synthetic rows, (m, p + 2).
        holdout: (k, p + 2) real rows that no part of the generator has seen, or None.
        source: (m,) training row behind each synthetic row, or None.
        schema: Columns of all.
        settings: One leaf of ``conf/evaluation``.

    Returns:
        The same names for any tables of this schema.
    """
    audit = _Audit(real, synthetic, holdout, source, schema, settings)
    return audit.by_identity() | audit.by_distance() | audit.by_inference() | audit.by_membership()


@dataclass(frozen=True)
class _Audit:
    """What the attacks share, computed once and only when one needs it."""

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    source: np.ndarray | None
    schema: Schema
    settings: EvaluationSettings

    def by_identity(self) -> dict[str, Metric]:
        """Copies, rare combinations, and the link of a row to its own source."""
        confidence = self.settings.confidence
        metrics = guarded(
            copies.EXACT,
            lambda: copies.exact_copies(
                self.real, self.synthetic, self.holdout, self.schema, confidence
            ),
        )
        fewest = self.settings.privacy.small_cell
        metrics |= guarded(
            SMALL_CELLS,
            lambda: small_cell_count(self.real, self.synthetic, self.schema, fewest),
        )
        if self.source is None:
            return metrics | absent((*linkage.NAMES, *linkage.GROUP_NAMES), linkage.NO_SOURCE)
        wanted = self.settings.self_link
        metrics |= self._when(wanted, linkage.NAMES, lambda: self._links.metric(confidence))
        return metrics | self._when(
            wanted and self._grouped,
            linkage.GROUP_NAMES,
            lambda: self._links.groups(
                self._groups, self.settings.privacy.min_vulnerable, self._group_confidence
            ),
        )

    def by_distance(self) -> dict[str, Metric]:
        """Distances to the nearest training row, and which of the two tables is nearer."""
        settings, confidence = self.settings.privacy, self.settings.confidence
        metrics = self._held_out(
            True, distances.NAMES, lambda: distances.distances(*self._points, settings, confidence)
        )
        metrics |= self._held_out(True, holdout_distance.NAMES, lambda: self._closer.metric())
        return metrics | self._held_out(
            self._powered, holdout_distance.POWER_NAMES, lambda: self._closer.power()
        )

    def by_inference(self) -> dict[str, Metric]:
        """What an attacker learns of a target from the outcome, or from the other covariates."""
        settings, confidence = self.settings.privacy, self.settings.confidence
        metrics = self._inferred(OUTCOME_LINK, True, lambda: self._outcome_link)
        metrics |= self._inferred(ATTRIBUTE, settings.attribute, lambda: self._attribute)
        return metrics | self._held_out(
            self._powered,
            attribute_inference.POWER_NAMES,
            lambda: attribute_inference.outcome_power(
                self.synthetic,
                self._patients,
                self.real,
                self.schema,
                self._outcome_link,
                settings,
                confidence,
            ),
        )

    def _inferred(self, name: str, wanted: bool, made: Callable[[], Attack]) -> dict[str, Metric]:
        """Metrics of one attack on every patient, and on high-risk ones alone."""
        settings, confidence = self.settings.privacy, self.settings.confidence
        return self._held_out(
            wanted,
            attribute_inference.attack_names(name, self.schema),
            lambda: made().metrics(self.schema, confidence),
        ) | self._held_out(
            wanted and self._grouped,
            attribute_inference.group_names(name),
            lambda: made().groups(self._groups, settings, self._group_confidence),
        )

    def by_membership(self) -> dict[str, Metric]:
        """Whether a patient was trained on."""
        wanted = self.settings.privacy.membership_splits > 0
        metrics = self._held_out(
            wanted, membership_inference.NAMES, lambda: self._membership.metric()
        )
        metrics |= self._held_out(
            wanted and self._grouped,
            membership_inference.GROUP_NAMES,
            lambda: self._membership.groups(self._groups, self._group_confidence),
        )
        return metrics | self._held_out(
            wanted and self._powered,
            membership_inference.POWER_NAMES,
            lambda: self._membership.power(),
        )

    def _when(
        self, wanted: bool, names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]
    ) -> dict[str, Metric]:
        if not wanted:
            return absent(names, f"not computed under evaluation={self.settings.name}")
        return guarded(names, compute)

    def _held_out(
        self, wanted: bool, names: tuple[str, ...], compute: Callable[[], dict[str, Metric]]
    ) -> dict[str, Metric]:
        if self.holdout is None:
            return absent(names, copies.NO_HOLDOUT)
        return self._when(wanted, names, compute)

    @property
    def _grouped(self) -> bool:
        return self.settings.privacy.vulnerable_share > 0

    @property
    def _group_confidence(self) -> float:
        """Level of one interval for which those of all groups and attacks hold at once.

        Bonferroni: the groups are small and many, and a leak in any of them fails the table.
        """
        held_out, wanted = self.holdout is not None, self.settings.privacy
        attacks = (
            self.settings.self_link and self.source is not None,
            held_out,  # the link by the outcome
            held_out and wanted.attribute,
            held_out and wanted.membership_splits > 0,
        )
        return 1 - (1 - self.settings.confidence) / (len(GROUPS) * sum(attacks))

    @property
    def _powered(self) -> bool:
        return self.settings.privacy.power_replicates > 0

    @cached_property
    def _points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self.holdout is None:
            raise ValueError(copies.NO_HOLDOUT)
        return (
            coordinates(self.real, self.real, self.schema),
            coordinates(self.synthetic, self.real, self.schema),
            coordinates(self.holdout, self.real, self.schema),
        )

    @cached_property
    def _patients(self) -> pd.DataFrame:
        """Training rows, then held-out rows."""
        return pd.concat([self.real, self.holdout], ignore_index=True)

    @cached_property
    def _train(self) -> np.ndarray:
        return np.arange(len(self._patients)) < len(self.real)

    @cached_property
    def _groups(self) -> dict[str, np.ndarray | str]:
        patients = self.real if self.holdout is None else self._patients
        try:
            return high_risk_patients(patients, self.real, self.schema, self.settings.privacy)
        except FAULTS as error:
            return dict.fromkeys(GROUPS, f"{type(error).__name__}: {error}")

    @cached_property
    def _links(self) -> linkage.Linkage:
        if self.source is None:
            raise ValueError(linkage.NO_SOURCE)
        return linkage.Linkage(self.real, self.synthetic, self.source, self.schema)

    @cached_property
    def _closer(self) -> holdout_distance.HoldoutDistance:
        return holdout_distance.HoldoutDistance(
            *self._points, self.settings.privacy, self.settings.confidence
        )

    @cached_property
    def _membership(self) -> membership_inference.MembershipInference:
        return membership_inference.MembershipInference(
            *self._points, self.settings.privacy, self.settings.confidence
        )

    @cached_property
    def _outcome_link(self) -> Attack:
        return self._attack(OUTCOME_LINK, attribute_inference.outcome_success)

    @cached_property
    def _attribute(self) -> Attack:
        return self._attack(ATTRIBUTE, attribute_inference.attribute_success)

    def _attack(self, name: str, success: Callable[..., np.ndarray]) -> Attack:
        settings = self.settings.privacy
        tables = self.synthetic, self._patients, self.real
        chance = success(*tables, self.schema, settings.tolerance)
        return Attack.made(name, chance, self._train, settings)
