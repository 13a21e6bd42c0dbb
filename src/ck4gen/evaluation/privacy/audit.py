"""All privacy metrics of a synthetic table under their flat names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.base.metric import Metric, absent, guarded
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.privacy import (
    attribute_inference,
    copies,
    holdout_distance,
    linkage,
    membership_inference,
)
from ck4gen.evaluation.privacy import distances as nearest
from ck4gen.evaluation.privacy.attacks import Attacks
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.criteria import criteria
from ck4gen.evaluation.privacy.small_cells import SMALL_CELLS, small_cell_count
from ck4gen.evaluation.privacy.verdict_leaks import verdict_leaks


def privacy_metrics(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    source: np.ndarray | None,
    schema: Schema,
    settings: EvaluationSettings,
    count: int = 1,
) -> dict[str, Metric]:
    """Every attack of ``docs/metrics.md`` on the training rows, held-out rows as control.

    Args:
        real: Training rows, (n, p + 2).
        synthetic: Synthetic rows, (m, p + 2).
        holdout: (k, p + 2) real rows that no part of the generator has seen, or None.
        source: (m,) training row behind each synthetic row, or None.
        schema: Columns of all.
        settings: One leaf of ``conf/evaluation``.
        count: Tables of which the synthetic rows are the union.

    Returns:
        The same names for any tables of this schema.
    """
    attacks = Attacks(AuditedTables(real, synthetic, holdout, source, schema, settings, count))
    return (
        _exact_copies(attacks.tables)
        | _small_cells(attacks.tables)
        | _self_links(attacks)
        | _distances(attacks)
        | _inferences(attacks)
        | _membership(attacks)
        | criteria(attacks.tables)
        | verdict_leaks(attacks)
    )


def leaks(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame | None,
    source: np.ndarray | None,
    schema: Schema,
    settings: EvaluationSettings,
) -> dict[str, Metric]:
    """Only what the verdict judges; arguments as those of :func:`privacy_metrics`."""
    tables = AuditedTables(real, synthetic, holdout, source, schema, settings)
    return _exact_copies(tables) | verdict_leaks(Attacks(tables))


def _exact_copies(tables: AuditedTables) -> dict[str, Metric]:
    """Copies and what chance gives."""
    rows = tables.real, tables.synthetic, tables.holdout, tables.schema
    confidence = tables.settings.confidence
    return guarded(copies.EXACT, lambda: copies.exact_copies(*rows, confidence))


def _small_cells(tables: AuditedTables) -> dict[str, Metric]:
    """Rare combinations of levels."""
    rows, fewest = (tables.real, tables.synthetic), tables.settings.privacy.small_cell
    return guarded(SMALL_CELLS, lambda: small_cell_count(*rows, tables.schema, fewest))


def _self_links(attacks: Attacks) -> dict[str, Metric]:
    """The link of a row to its own source."""
    tables, settings = attacks.tables, attacks.tables.settings
    if tables.source is None:
        return absent((*linkage.NAMES, *linkage.GROUP_NAMES), linkage.NO_SOURCE)
    return tables.when(
        settings.self_link,
        linkage.NAMES,
        lambda: attacks.links.metric(settings.confidence),
    ) | tables.when(
        settings.self_link and tables.grouped,
        linkage.GROUP_NAMES,
        lambda: attacks.links.groups(
            tables.source_groups, settings.privacy.min_vulnerable, tables.group_confidence
        ),
    )


def _distances(attacks: Attacks) -> dict[str, Metric]:
    """Distances to the nearest training row, and which of the two tables is nearer."""
    tables, settings = attacks.tables, attacks.tables.settings
    return (
        tables.held_out(
            True,
            nearest.NAMES,
            lambda: nearest.distances(
                *tables.all_coordinates, settings.privacy, settings.confidence
            ),
        )
        | tables.held_out(True, holdout_distance.NAMES, lambda: attacks.closer.metric())
        | tables.held_out(
            tables.powered, holdout_distance.POWER_NAMES, lambda: attacks.closer.power()
        )
    )


def _inferences(attacks: Attacks) -> dict[str, Metric]:
    """What an attacker learns of a target from the outcome, or from the other covariates."""
    tables, settings = attacks.tables, attacks.tables.settings

    def inferred(
        name: str, enabled: bool, attack: Callable[[], attribute_inference.Attack]
    ) -> dict[str, Metric]:
        """One attack on every patient, and on high-risk ones alone."""
        return tables.held_out(
            enabled,
            attribute_inference.attack_names(name, tables.schema),
            lambda: attack().metrics(tables.schema, settings.confidence),
        ) | tables.held_out(
            enabled and tables.grouped,
            attribute_inference.group_names(name),
            lambda: attack().groups(tables.groups, settings.privacy, tables.group_confidence),
        )

    return (
        inferred(attribute_inference.OUTCOME_LINK, True, lambda: attacks.outcome_link)
        | inferred(
            attribute_inference.ATTRIBUTE, settings.privacy.attribute, lambda: attacks.attribute
        )
        | tables.held_out(
            tables.powered,
            attribute_inference.POWER_NAMES,
            lambda: attribute_inference.outcome_power(
                tables.synthetic,
                tables.patients,
                tables.real,
                tables.schema,
                attacks.outcome_link,
                settings.privacy,
                settings.confidence,
            ),
        )
    )


def _membership(attacks: Attacks) -> dict[str, Metric]:
    """Whether a patient was trained on."""
    tables, enabled = attacks.tables, attacks.tables.settings.privacy.membership_splits > 0
    return (
        tables.held_out(enabled, membership_inference.NAMES, lambda: attacks.membership.metric())
        | tables.held_out(
            enabled and tables.grouped,
            membership_inference.GROUP_NAMES,
            lambda: attacks.membership.groups(tables.groups, tables.group_confidence),
        )
        | tables.held_out(
            enabled and tables.powered,
            membership_inference.POWER_NAMES,
            lambda: attacks.membership.power(),
        )
    )
