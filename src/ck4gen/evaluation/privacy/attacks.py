"""The attacks on one table, each made once for its metrics and for the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ck4gen.evaluation.privacy.attribute_inference import (
    ATTRIBUTE,
    OUTCOME_LINK,
    Attack,
    attribute_success,
    outcome_success,
)
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.drawn_rows import drawn
from ck4gen.evaluation.privacy.holdout_distance import HoldoutDistance
from ck4gen.evaluation.privacy.linkage import NO_SOURCE, Linkage
from ck4gen.evaluation.privacy.membership_inference import MembershipInference


@dataclass(frozen=True)
class Attacks:
    """Each attack, mounted when its result is first asked for."""

    tables: AuditedTables

    @cached_property
    def links(self) -> Linkage:
        """From a synthetic row to the patient behind it."""
        tables = self.tables
        if tables.source is None:
            raise ValueError(NO_SOURCE)
        return Linkage(tables.real, tables.synthetic, tables.source, tables.schema)

    @cached_property
    def closer(self) -> HoldoutDistance:
        """By which of two tables is nearer to a synthetic row."""
        settings = self.tables.settings
        return HoldoutDistance(*self.tables.all_coordinates, settings.privacy, settings.confidence)

    @cached_property
    def membership(self) -> MembershipInference:
        """By how dense the synthetic rows lie around a patient."""
        tables, settings = self.tables, self.tables.settings.privacy
        real, _, holdout = tables.all_coordinates
        rows = tables.synthetic
        if len(rows) > settings.most_targets:
            rows = drawn(rows, settings.membership_rows, settings.seed)
        return MembershipInference(
            real, tables.coordinates(rows), holdout, settings, tables.settings.confidence
        )

    @cached_property
    def outcome_link(self) -> Attack:
        """By the row of the same outcome."""
        return self._inference(OUTCOME_LINK, outcome_success)

    @cached_property
    def attribute(self) -> Attack:
        """By the row that is nearest in all other covariates."""
        return self._inference(ATTRIBUTE, attribute_success)

    def _inference(self, name: str, success: Callable[..., np.ndarray]) -> Attack:
        tables, settings = self.tables, self.tables.settings.privacy
        rows = tables.synthetic, tables.patients, tables.real
        chance = success(*rows, tables.schema, settings.tolerance)
        return Attack.made(name, chance, tables.train, settings)
