"""The leaks that the verdict judges, each with a lower and an upper bound."""

from __future__ import annotations

import numpy as np

from ck4gen.evaluation.base.metric import Metric, absent, guarded
from ck4gen.evaluation.privacy.attacks import Attacks
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.copies import NO_HOLDOUT, copied, twins
from ck4gen.evaluation.privacy.leak import NAMES, Judge
from ck4gen.evaluation.privacy.linkage import NO_SOURCE
from ck4gen.evaluation.privacy.randomization import split_gains


def verdict_leaks(attacks: Attacks) -> dict[str, Metric]:
    """Every attack of the verdict.

    Args:
        attacks: The attacks on one table.

    Returns:
        The metrics ``privacy/leak/...`` and ``privacy/patients_needed/...``.
    """
    tables = attacks.tables
    settings, privacy = tables.settings, tables.settings.privacy
    judge = Judge(settings.verdict, 1 + tables.attacks)  # and copies
    metrics = guarded(NAMES["copies"], lambda: _copies(judge, tables))
    metrics |= tables.held_out(
        True,
        NAMES["outcome_link"],
        lambda: _gains(judge, "outcome_link", attacks.outcome_link.success, tables),
    )
    metrics |= tables.held_out(
        privacy.attribute,
        NAMES["attribute"],
        lambda: _gains(judge, "attribute", attacks.attribute.success, tables),
    )
    metrics |= tables.held_out(
        privacy.membership_splits > 0,
        NAMES["membership"],
        lambda: attacks.membership.leak(judge, settings.verdict.adjustment),
    )
    if tables.source is None:
        return metrics | absent(NAMES["self_link"], NO_SOURCE)
    return metrics | tables.when(
        settings.self_link,
        NAMES["self_link"],
        lambda: _self_link(judge, attacks),
    )


def _self_link(judge: Judge, attacks: Attacks) -> dict[str, Metric]:
    """Rows of several tables about one patient are not independent: counted as those of one."""
    tables = attacks.tables
    hits, rows = attacks.links.hits
    chance = 1 / len(tables.real)
    return judge.of_share("self_link", hits / tables.count, round(rows / tables.count), chance)


def _copies(judge: Judge, tables: AuditedTables) -> dict[str, Metric]:
    """Of patients held out where there are any, else of rows that equal each other by chance."""
    if tables.holdout is None:
        return _copies_beside_twins(judge, tables)
    used, others = (
        copied(t, tables.synthetic, tables.schema) for t in (tables.real, tables.holdout)
    )
    trained, control = ((float(hits.sum()), len(hits)) for hits in (used, others))
    return judge.of_shares("copies", trained, control, None)


def _copies_beside_twins(judge: Judge, tables: AuditedTables) -> dict[str, Metric]:
    """Copies beside what two tables have in common by chance.

    Rows of one table meet those of another, drawn independently, with a probability of at most
    the geometric mean of those with which rows meet within each (Cauchy and Schwarz). So a table
    of few, frequent rows is not taken for one of copies. Rows of several tables count as of one.
    """
    used = copied(tables.synthetic, tables.real, tables.schema)
    real, synthetic = (twins(t, tables.schema).mean() for t in (tables.real, tables.synthetic))
    by_chance = max(real, np.sqrt(real * synthetic))
    trained = float(used.sum()) / tables.count, round(len(used) / tables.count)
    control = float(by_chance * len(tables.real)), len(tables.real)
    return judge.of_shares("copies", trained, control, NO_HOLDOUT)


def _gains(
    judge: Judge, attack: str, success: np.ndarray, tables: AuditedTables
) -> dict[str, Metric]:
    """What an attack gains on training rows, adjusted for what both groups are known by."""
    settings = tables.settings
    gains = split_gains(
        success,
        tables.train,
        tables.profiles(),
        settings.verdict.adjustment,
        settings.privacy.permutations,
        settings.privacy.seed,
    )
    return judge.of_gains(attack, gains)
