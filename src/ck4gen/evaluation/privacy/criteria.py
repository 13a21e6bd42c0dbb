"""Risks under the names that regulators and custodians use: described, not judged."""

from __future__ import annotations

from functools import partial

from ck4gen.evaluation.base.metric import Metric, absent
from ck4gen.evaluation.privacy import disco as disclosive
from ck4gen.evaluation.privacy import (
    linkability,
    population_membership,
    replicated_uniques,
    singling_out,
)
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.population_membership import NO_POPULATION


def criteria(tables: AuditedTables) -> dict[str, Metric]:
    """Singling out and linkability, replicated uniques, DiSCO, and membership in a population.

    The third criterion of the Article 29 Working Party, inference, is
    ``privacy/attribute_advantage``.
    """
    wanted = tables.settings.privacy.criteria
    metrics = tables.held_out(
        wanted, singling_out.NAMES, partial(singling_out.singling_out, tables)
    ) | tables.held_out(wanted, linkability.NAMES, partial(linkability.linkability, tables))
    for names, compute in (
        (replicated_uniques.NAMES, replicated_uniques.replicated_uniques),
        (disclosive.NAMES, disclosive.disco),
    ):
        metrics |= tables.when(wanted, names, partial(compute, tables))
    for names, compute in (
        (replicated_uniques.GAIN, replicated_uniques.replicated_gain),
        (disclosive.GAIN, disclosive.disco_gain),
    ):
        metrics |= tables.held_out(wanted, names, partial(compute, tables))
    if tables.settings.privacy.population is None and tables.holdout is not None:
        return metrics | absent(population_membership.NAMES, NO_POPULATION)
    return metrics | tables.held_out(
        True,
        population_membership.NAMES,
        partial(population_membership.population_membership, tables),
    )
