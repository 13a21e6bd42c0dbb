"""Linkability: does the table join two halves of a patient's record?"""

from __future__ import annotations

import numpy as np

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.gower import coordinates_by_column, neighbours
from ck4gen.evaluation.privacy.intervals import shifted
from ck4gen.evaluation.privacy.permutation_advantage import null_gains

NAMES = ("privacy/linkability", "privacy/linkability_attack", "privacy/linkability_control")
INFO = (
    MetricInfo(
        NAMES[0],
        "Linkability",
        "two halves of the record of a patient used that the table joins, over others",
        ideal=0,
        null=0.0,
    ),
    MetricInfo(NAMES[1], "used", "share of patients used whose halves it joins"),
    MetricInfo(NAMES[2], "others", "share of patients held out whose halves it joins"),
)


def linkability(tables: AuditedTables) -> dict[str, Metric]:
    """The risk of linkability of Giomi et al. 2023 (anonymeter), by our own code.

    An attacker has two files: one holds half of the columns of the patients, the other one the
    rest. They are said to belong together where a synthetic row is among the
    ``link_neighbours`` nearest to both. Columns, time and event among them, are divided at random
    ``link_splits`` times, and shares are means over divisions. The risk is
    (used - others) / (1 - others); labels are drawn anew for its interval.

    Args:
        tables: The tables under audit, with held-out patients.

    Raises:
        ValueError: There is one column only, or values are missing.
    """
    settings = tables.settings.privacy
    whole = tables.schema.with_outcome(integer=False)
    rows, targets = (
        coordinates_by_column(t, tables.real, whole) for t in (tables.synthetic, tables.patients)
    )
    generator = np.random.default_rng([settings.seed, 8])
    joined = np.zeros(len(tables.patients))
    for _ in range(settings.link_splits):
        order = generator.permutation(list(rows))
        near = []
        for half in (order[: len(order) // 2], order[len(order) // 2 :]):
            points, queries = (np.hstack([of[name] for name in half]) for of in (rows, targets))
            near.append(neighbours(points, queries, settings.link_neighbours)[1])
        joined += (near[0][:, :, None] == near[1][:, None, :]).any((1, 2))
    success = joined / settings.link_splits
    used, others = success[tables.train].mean(), success[~tables.train].mean()
    shares = number(used), number(others)
    if others >= 1:
        reason = "the halves of everybody held out are joined as well"
        return dict(zip(NAMES, (Metric(None, reason=reason), *shares), strict=True))
    null = null_gains(success[:, None], tables.train, settings.permutations, settings.seed)[:, 0]
    left = 1 - others
    risk = shifted((used - others) / left, null / left, 0.0, tables.settings.confidence)
    return dict(zip(NAMES, (risk, *shares), strict=True))
