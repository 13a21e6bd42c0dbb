"""Risks under the names that regulators and custodians use: described, not judged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ck4gen.evaluation.base.metric import Metric, absent
from ck4gen.evaluation.privacy import disco as disclosive
from ck4gen.evaluation.privacy import (
    linear_reconstruction,
    linkability,
    population_membership,
    replicated_uniques,
    singling_out,
)
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.population_membership import NO_POPULATION

Risk = Callable[[AuditedTables], dict[str, Metric]]
CONTROLLED: tuple[tuple[tuple[str, ...], Risk], ...] = (  # against patients held out
    (singling_out.NAMES, singling_out.singling_out),
    (linkability.NAMES, linkability.linkability),
    (linear_reconstruction.NAMES, linear_reconstruction.linear_reconstruction),
    (replicated_uniques.GAIN, replicated_uniques.replicated_gain),
    (disclosive.GAIN, disclosive.disco_gain),
)
SHARES: tuple[tuple[tuple[str, ...], Risk], ...] = (  # of patients used
    (replicated_uniques.NAMES, replicated_uniques.replicated_uniques),
    (disclosive.NAMES, disclosive.disco),
)


def criteria(tables: AuditedTables) -> dict[str, Metric]:
    """Singling out, linkability, reconstruction, replicated uniques, DiSCO, population membership.

    The third criterion of the Article 29 Working Party, inference, is
    ``privacy/attribute_advantage``.
    """
    enabled = tables.settings.privacy.criteria
    metrics: dict[str, Metric] = {}
    for names, compute in CONTROLLED:
        metrics |= tables.held_out(enabled, names, partial(compute, tables))
    for names, compute in SHARES:
        metrics |= tables.when(enabled, names, partial(compute, tables))
    if tables.settings.privacy.population is None and tables.holdout is not None:
        return metrics | absent(population_membership.NAMES, NO_POPULATION)
    return metrics | tables.held_out(
        True,
        population_membership.NAMES,
        partial(population_membership.population_membership, tables),
    )
